package integration

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
	"github.com/6ead2ce0/wheelhouse/test/faultproxy"
)

// The page of a controller answers soon however many of its keys fail: it is wanted most when everything does.
func TestPageOfManyFailingKeys(t *testing.T) {
	many, bound := 1000, time.Second // on machines that are busy with other tests
	if isLong() {
		many, bound = 10_000, 200*time.Millisecond
	}
	client, ns := namespace(t)
	proxy := faultproxy.Start(t, shared)
	proxy.Add(faultproxy.Rule{
		Match: faultproxy.Match{Verbs: []string{"patch"}, Resources: []string{"configmaps"}, Namespace: ns},
		Fault: faultproxy.Status(http.StatusForbidden, "not while the test says so"),
	})
	p := cluster.OutOfTree(t, append(fast(), "--kubeconfig", proxy.Kubeconfig("admin"), "--leader-elect=false", "--controllers=greeter")...)
	greetMany(t, client, ns, many)
	cluster.EventuallyWithin(t, 5*time.Minute, "all keys to fail", func() bool {
		failing, err := p.Metric(`wheelhouse_failing_keys{controller="greeter"}`)
		return err == nil && failing >= float64(many)
	})
	for path, want := range map[string]string{
		"/controllers/greeter":             "not while the test says so",
		"/controllers/greeter?format=json": "not while the test says so",
		"/metrics":                         "wheelhouse_failing_keys",
	} {
		took, size := median(t, p, path, want)
		t.Logf("with %d failing keys %s answers %d bytes within %v", many, path, size, took.Round(10*time.Microsecond))
		if took > bound {
			t.Errorf("with %d failing keys %s answers within %v, want at most %v", many, path, took, bound)
		}
	}
}

// median asks for the path five times and returns the time that the answer in the middle took, and the size of the last one.
func median(t *testing.T, p *cluster.Process, path, want string) (took time.Duration, size int) {
	t.Helper()
	var all [5]time.Duration
	for i := range all {
		begin := time.Now()
		code, body := p.Get(path)
		all[i], size = time.Since(begin), len(body)
		if code != http.StatusOK || !strings.Contains(body, want) {
			t.Fatalf("%s answers %d, without %q:\n%.1000s", path, code, want, body)
		}
	}
	slices.Sort(all[:])
	return all[len(all)/2], size
}

// greetMany makes ConfigMaps that the greeter is to greet.
func greetMany(t *testing.T, client kubernetes.Interface, ns string, n int) {
	t.Helper()
	each(t, n, func(i int) error {
		_, err := client.CoreV1().ConfigMaps(ns).Create(t.Context(), &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprint("greet-", i), Labels: map[string]string{"example.com/greet": "world"}},
		}, metav1.CreateOptions{})
		return err
	})
}

// each calls do for 0 to n-1, some at once.
func each(t *testing.T, n int, do func(i int) error) {
	t.Helper()
	const parallel = 10
	errs := make(chan error, parallel)
	for worker := range parallel {
		go func() {
			var err error
			for i := worker; i < n && err == nil; i += parallel {
				err = do(i)
			}
			errs <- err
		}()
	}
	for range parallel {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
}
