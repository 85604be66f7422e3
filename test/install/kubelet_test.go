package install

import (
	"slices"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// notReady is the annotation that keeps a pod of the local cluster from being Ready while it says "false".
const notReady = "localcluster.wheelhouse.dev/ready"

// look is how often a kubelet looks at its pods.
const look = 50 * time.Millisecond

// kubelet runs the program for each pod of a release, beside the cluster, as long as the pod is there. The pod is Ready when its program
// says so.
type kubelet struct {
	t       *testing.T
	client  kubernetes.Interface
	ns      string
	running map[types.UID]*running
}

// running is the program of a pod.
type running struct {
	*cluster.Process
	pod               string
	isReady, isEnding bool
}

func newKubelet(t *testing.T, client kubernetes.Interface, ns string) *kubelet {
	return &kubelet{t: t, client: client, ns: ns, running: map[types.UID]*running{}}
}

// during looks after the pods until the work is done, and returns its error.
func (k *kubelet) during(work func() error) error {
	k.t.Helper()
	done := make(chan error, 1)
	go func() { done <- work() }()
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-ticker.C:
			k.sync()
		}
	}
}

func (k *kubelet) sync() {
	k.t.Helper()
	pods, err := k.client.CoreV1().Pods(k.ns).List(k.t.Context(), metav1.ListOptions{LabelSelector: "app.kubernetes.io/component=manager"})
	if err != nil {
		k.t.Fatal(err)
	}
	for _, pod := range pods.Items {
		if _, known := k.running[pod.UID]; !known && pod.DeletionTimestamp == nil {
			k.running[pod.UID] = k.run(pod)
		}
	}
	for uid, p := range k.running {
		isThere := slices.ContainsFunc(pods.Items, func(pod corev1.Pod) bool { return pod.UID == uid && pod.DeletionTimestamp == nil })
		switch {
		case !isThere && !p.isEnding:
			p.Signal(k.t, syscall.SIGTERM)
			p.isEnding = true
		case isThere && !p.isReady:
			k.probe(p)
		}
	}
}

func (k *kubelet) run(pod corev1.Pod) *running {
	k.t.Helper()
	binary, err := cluster.Binary("wheelhouse")
	if err != nil {
		k.t.Fatal(err)
	}
	args := append(slices.Clone(pod.Spec.Containers[0].Args), "--kubeconfig", kubeconfig(k.t, k.client, k.ns, pod.Spec.ServiceAccountName),
		"--bind-address", "127.0.0.1", "--secure-port", "0", "--status-port", cluster.FreePort(k.t))
	p := &running{Process: cluster.Start(k.t, binary, args...), pod: pod.Name}
	p.WaitForLog(k.t, "wheelhouse starts")
	return p
}

// probe lets the pod be Ready if its program is.
func (k *kubelet) probe(p *running) {
	k.t.Helper()
	if status, _ := p.Get("/readyz"); status != 200 {
		return
	}
	patch := []byte(`{"metadata":{"annotations":{"` + notReady + `":null}}}`)
	if _, err := k.client.CoreV1().Pods(k.ns).Patch(k.t.Context(), p.pod, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		k.t.Fatalf("let pod %s be ready: %v", p.pod, err)
	}
	p.isReady = true
}

// alive returns the programs that haven't been told to end.
func (k *kubelet) alive() []*running {
	var list []*running
	for _, p := range k.running {
		if !p.isEnding {
			list = append(list, p)
		}
	}
	return list
}
