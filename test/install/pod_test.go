package install

import (
	"path/filepath"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/6ead2ce0/wheelhouse/test/chart"
	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// tokenOf returns a token of the service account.
func tokenOf(t *testing.T, client kubernetes.Interface, ns, account string) string {
	t.Helper()
	token, err := client.CoreV1().ServiceAccounts(ns).CreateToken(t.Context(), account, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return token.Status.Token
}

// kubeconfig writes one for the service account.
func kubeconfig(t *testing.T, client kubernetes.Interface, ns, account string) string {
	t.Helper()
	config, err := clientcmd.LoadFromFile(shared.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	for _, user := range config.AuthInfos {
		*user = clientcmdapi.AuthInfo{Token: tokenOf(t, client, ns, account)}
	}
	path := filepath.Join(t.TempDir(), account+".kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	return path
}

// replica is the program as it runs in a pod of the release, beside the cluster.
type replica struct {
	*cluster.Process
	address string // of the secure port, with the port
}

// runReplica runs the program with the arguments of the release's Deployment, as the release's service account.
func runReplica(t *testing.T, client kubernetes.Interface, ns string) replica {
	t.Helper()
	d, err := client.AppsV1().Deployments(ns).Get(t.Context(), chart.Release, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	binary, err := cluster.Binary("wheelhouse")
	if err != nil {
		t.Fatal(err)
	}
	port := cluster.FreePort(t)
	args := append(argsOf(d), "--kubeconfig", kubeconfig(t, client, ns, d.Spec.Template.Spec.ServiceAccountName),
		"--bind-address", "127.0.0.1", "--secure-port", port, "--status-port", cluster.FreePort(t))
	r := replica{cluster.Start(t, binary, args...), "127.0.0.1:" + port}
	r.WaitForLog(t, "wheelhouse starts") // before that, its ports look free to the next replica
	return r
}

func argsOf(d *appsv1.Deployment) []string {
	return append([]string{}, d.Spec.Template.Spec.Containers[0].Args...)
}
