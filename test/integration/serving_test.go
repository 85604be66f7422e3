package integration

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// secure runs wheelhouse with a secure port, as a user who has the roles that the program writes and no others. Of these, the namespace's
// name is the user's.
func secure(t *testing.T, user string, args ...string) (p *cluster.Process, url string) {
	t.Helper()
	port := cluster.FreePort(t)
	p = cluster.Wheelhouse(t, append([]string{"--kubeconfig", shared.User(t, user), "--leader-elect=false", "--controllers=podsync",
		"--secure-port", port, "--bind-address=127.0.0.1"}, args...)...)
	p.WaitForLog(t, "wheelhouse starts")
	return p, "https://127.0.0.1:" + port
}

// grant gives a user the roles that the program writes, those for looking up the cluster's authorities or not.
func grant(t *testing.T, user string, lookup bool) {
	t.Helper()
	args := []string{"rbac", "--name", user, "--controllers=podsync", "--leader-elect=false", fmt.Sprintf("--authentication-skip-lookup=%v", !lookup)}
	shared.Apply(t, cluster.Output(t, "wheelhouse", args...))
	shared.Kubectl(t, "create", "clusterrolebinding", user, "--clusterrole="+user, "--user="+user)
	t.Cleanup(func() { shared.Kubectl(t, "delete", "clusterrole/"+user, "clusterrolebinding/"+user) })
	if lookup {
		shared.Kubectl(t, "-n", "kube-system", "create", "rolebinding", user, "--role="+user, "--user="+user)
		t.Cleanup(func() { shared.Kubectl(t, "-n", "kube-system", "delete", "role/"+user, "rolebinding/"+user) })
	}
}

// account makes a service account and returns a token of it.
func account(t *testing.T, client kubernetes.Interface, ns, name string) string {
	t.Helper()
	accounts := client.CoreV1().ServiceAccounts(ns)
	if _, err := accounts.Create(t.Context(), &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	request, err := accounts.CreateToken(t.Context(), name, &authenticationv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return request.Status.Token
}

// reader makes a service account that may get the pages, and returns a token of it.
func reader(t *testing.T, client kubernetes.Interface, ns string) string {
	t.Helper()
	token := account(t, client, ns, "reader")
	role := "reader-of-" + ns
	shared.Apply(t, fmt.Sprintf(`
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: %s}
rules:
- nonResourceURLs: [/metrics, /statusz, /flagz, /configz, /debug/*]
  verbs: [get]
`, role))
	shared.Kubectl(t, "create", "clusterrolebinding", role, "--clusterrole="+role, "--serviceaccount="+ns+":reader")
	t.Cleanup(func() { shared.Kubectl(t, "delete", "clusterrole/"+role, "clusterrolebinding/"+role) })
	return token
}

// visit returns the status and body of a page, over a connection of its own.
func visit(ctx context.Context, config *tls.Config, url, token string) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: config}}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// The table in docs/serving.md.
func TestWhoMaySeeWhat(t *testing.T) {
	client, ns := namespace(t)
	user := "serving-of-" + ns
	grant(t, user, true)
	p, url := secure(t, user, "--profiling")
	stranger, allowed := account(t, client, ns, "stranger"), reader(t, client, ns)
	p.WaitForLog(t, `podsync controller state .*"Running"`)
	tests := []struct {
		path                       string
		anonymous, stranger, right int
		want                       string // an expression for what the right one sees
	}{
		{"/healthz", 200, 200, 200, `^ok$`},
		{"/healthz/podsync", 200, 200, 200, `^ok$`},
		{"/healthz?verbose", 200, 200, 200, `\[\+\]podsync ok`},
		{"/livez", 200, 200, 200, `^ok$`},
		{"/readyz", 200, 200, 200, `^ok$`},
		{"/readyz/api-server", 200, 200, 200, `^ok$`},
		{"/metrics", 401, 403, 200, `(?m)^workqueue_depth\{name="podsync"\} `},
		{"/statusz", 401, 403, 200, `(?s)wheelhouse statusz\n.*\nStarted: .*\n  podsync: Running for `},
		{"/flagz", 401, 403, 200, `(?s)wheelhouse flagz\n.*\ncontrollers=\[podsync\]\n.*\nprofiling=true\n`},
		{"/configz", 401, 403, 200, `^\{"wheelhouse":\{"version":".*"controllers":\["podsync"\],.*"kube-api-burst":30,`},
		{"/debug/pprof/", 401, 403, 200, `goroutine`},
		{"/debug/pprof/heap", 401, 403, 200, ``},
		{"/debug/pprof/cmdline", 401, 403, 200, `wheelhouse`},
		{"/debug/log-level", 401, 403, 200, `^\{"process":"info","loggers":\{.*"podsync":"info"`},
		{"/debug/log-level/podsync", 401, 403, 405, ``}, // it can be changed alone
		{"/debug/flags/v", 401, 403, 405, ``},
		{"/debug/nothing", 401, 403, 404, ``},
		{"/", 401, 403, 403, ``},
		{"/nothing", 401, 403, 403, ``},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			got := map[string]int{}
			var body string
			for who, token := range map[string]string{"nobody": "", "stranger": stranger, "who may": allowed} {
				status, text, err := visit(t.Context(), &tls.Config{InsecureSkipVerify: true}, url+tt.path, token)
				if err != nil {
					t.Fatal(err)
				}
				if got[who] = status; who == "who may" {
					body = text
				}
			}
			if diff := cmp.Diff(map[string]int{"nobody": tt.anonymous, "stranger": tt.stranger, "who may": tt.right}, got); diff != "" {
				t.Errorf("statuses (-want +got)\n%s", diff)
			}
			if !regexp.MustCompile(tt.want).MatchString(body) {
				t.Errorf("%s shows\n%s\nwant %s", tt.path, body, tt.want)
			}
		})
	}
	if p.HasLog(`forbidden|can't`) {
		t.Error("something was forbidden")
	}
}

// Certificates of the cluster's users count, and old TLS doesn't.
func TestClientCertificatesAndTLS(t *testing.T) {
	_, ns := namespace(t)
	user := "serving-of-" + ns
	grant(t, user, true)
	_, url := secure(t, user)
	config, err := clientcmd.BuildConfigFromFlags("", shared.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	admin, err := tls.X509KeyPair(config.CertData, config.KeyData)
	if err != nil {
		t.Fatal(err)
	}
	cluster.Eventually(t, "that the administrator is known", func() bool { // the lookup of authorities keeps nobody waiting
		status, _, err := visit(t.Context(), &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{admin}}, url+"/metrics", "")
		return err == nil && status == 200
	})
	if status, _, err := visit(t.Context(), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}, url+"/healthz", ""); err == nil {
		t.Errorf("TLS 1.1 is answered with status %d, want no connection", status)
	}
	if status, _, err := visit(t.Context(), &tls.Config{InsecureSkipVerify: true, Certificates: []tls.Certificate{admin}}, url+"/debug/pprof/", ""); err != nil || status != 404 {
		t.Errorf("without --profiling, /debug/pprof/ has status %d (%v), want 404", status, err)
	}
}

// Without the permission to look up authorities there is one line in the log, and tokens work.
func TestServingWithoutLookup(t *testing.T) {
	client, ns := namespace(t)
	user := "serving-of-" + ns
	grant(t, user, false)
	p, url := secure(t, user)
	token := reader(t, client, ns)
	p.WaitForLog(t, `warn serving can't look up the cluster's authorities.*get configmap kube-system/extension-apiserver-authentication: .*forbidden`)
	status, _, err := visit(t.Context(), &tls.Config{InsecureSkipVerify: true}, url+"/metrics", token)
	if err != nil || status != 200 {
		t.Errorf("/metrics has status %d (%v), want 200", status, err)
	}
	if n := len(regexp.MustCompile(`(?m)^.* (warn|error) `).FindAllString(p.Log(), -1)); n != 1 {
		t.Errorf("%d warnings and errors, want 1:\n%s", n, p.Log())
	}
}

// Who may see the levels may not change them.
func TestLogLevelAtRunTime(t *testing.T) {
	client, ns := namespace(t)
	user := "serving-of-" + ns
	grant(t, user, true)
	p, url := secure(t, user)
	token := reader(t, client, ns)
	level := func(args ...string) (string, error) {
		binary, err := cluster.Binary("wheelhouse")
		if err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(binary, append([]string{"log-level", "--address", url, "--insecure-skip-tls-verify", "--token", token}, args...)...).CombinedOutput()
		return string(out), err
	}
	if out, err := level("podsync"); err != nil || out != "LOGGER    LEVEL\npodsync   info\n" {
		t.Errorf("log-level podsync prints %q (%v), want info", out, err)
	}
	if out, err := level("podsync", "debug"); err == nil || !strings.Contains(out, "403 Forbidden") {
		t.Errorf("log-level podsync debug prints %q, want 403", out)
	}
	shared.Kubectl(t, "patch", "clusterrole", "reader-of-"+ns, "--type=json", "-p", `[{"op":"add","path":"/rules/0/verbs/-","value":"put"}]`)
	cluster.Eventually(t, "that it may be changed", func() bool { // answers are remembered for a while
		out, err := level("podsync", "debug")
		return err == nil && out == "LOGGER    LEVEL\npodsync   debug\n"
	})
	p.WaitForLog(t, fmt.Sprintf(`warn log level is changed \{"of": "podsync", "from": "info", "to": "debug", `+
		`"user": "system:serviceaccount:%s:reader", "address": "127\.0\.0\.1:\d+"\}`, ns))
	if status, body := p.Get("/debug/log-level"); status != 404 {
		t.Errorf("the status port answers /debug/log-level with %d %s, want 404", status, body)
	}
}

// rotations is how often certificates are replaced under load.
const rotations = 10

func TestCertificatesRotateUnderLoad(t *testing.T) {
	client, ns := namespace(t)
	user := "serving-of-" + ns
	grant(t, user, true)
	files := newCertificates(t)
	files.rotate(0)
	p, url := secure(t, user, "--tls-cert-file", files.cert, "--tls-private-key-file", files.key)
	token := reader(t, client, ns)
	cluster.Eventually(t, "a first scrape", func() bool {
		status, _, err := visit(t.Context(), files.verify(), url+"/metrics", token)
		return err == nil && status == 200
	})
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan string)
	var scrapes atomic.Int64
	go func() { ended <- scrape(ctx, files.verify(), url+"/metrics", token, &scrapes) }()
	for i := range rotations {
		files.rotate(int64(i + 1))
		cluster.Eventually(t, "the certificate that was written last", func() bool { return files.shown(url) == int64(i+1) })
	}
	stop()
	failure := <-ended
	t.Logf("%d scrapes during %d rotations", scrapes.Load(), rotations)
	if failure != "" || scrapes.Load() < rotations {
		t.Errorf("a scrape failed, or there were none: %s", failure)
	}
	if p.HasLog(` (warn|error) `) {
		t.Errorf("something is wrong:\n%s", p.Log())
	}
}

// scrape visits the page until ctx ends, and returns the first failure.
func scrape(ctx context.Context, config *tls.Config, url, token string, done *atomic.Int64) string {
	for ctx.Err() == nil {
		status, _, err := visit(context.WithoutCancel(ctx), config, url, token)
		if err != nil || status != http.StatusOK {
			return fmt.Sprintf("status %d, %v", status, err)
		}
		done.Add(1)
	}
	return ""
}

// certificates are files of a certificate for loopback and its key, signed by themselves.
type certificates struct {
	t         *testing.T
	cert, key string
	signer    *ecdsa.PrivateKey
	root      *x509.Certificate
}

func newCertificates(t *testing.T) *certificates {
	t.Helper()
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	c := &certificates{t: t, cert: filepath.Join(dir, "tls.crt"), key: filepath.Join(dir, "tls.key"), signer: signer}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	c.root = c.parse(c.sign(template, template, signer))
	return c
}

func (c *certificates) sign(template, parent *x509.Certificate, key *ecdsa.PrivateKey) []byte {
	c.t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), c.signer)
	if err != nil {
		c.t.Fatal(err)
	}
	return der
}

func (c *certificates) parse(der []byte) *x509.Certificate {
	c.t.Helper()
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		c.t.Fatal(err)
	}
	return parsed
}

// rotate replaces both files, one after the other, each at once, by a new key and a certificate of the number.
func (c *certificates) rotate(number int64) {
	c.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		c.t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		c.t.Fatal(err)
	}
	c.replace(c.cert, "CERTIFICATE", c.sign(&x509.Certificate{
		SerialNumber: big.NewInt(100 + number), DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour),
	}, c.root, key))
	c.replace(c.key, "PRIVATE KEY", private)
}

func (c *certificates) replace(path, kind string, der []byte) {
	c.t.Helper()
	if err := os.WriteFile(path+".new", pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		c.t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		c.t.Fatal(err)
	}
}

// verify returns the configuration of a client that believes these certificates alone.
func (c *certificates) verify() *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(c.root)
	return &tls.Config{RootCAs: roots, ServerName: "localhost", MinVersion: tls.VersionTLS12}
}

// shown returns the number of the certificate that the server shows.
func (c *certificates) shown(url string) int64 {
	c.t.Helper()
	connection, err := tls.Dial("tcp", url[len("https://"):], c.verify())
	if err != nil {
		c.t.Fatal(err)
	}
	defer connection.Close()
	return connection.ConnectionState().PeerCertificates[0].SerialNumber.Int64() - 100
}
