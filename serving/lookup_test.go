package serving

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// A permission that is missing for an hour is one line in the log, and one more when it has come.
func TestLookupSaysOnceThatItFails(t *testing.T) {
	object := newAuthority(t).configMap()
	synctest.Test(t, func(t *testing.T) {
		var denied atomic.Bool
		denied.Store(true)
		api := fake.NewClientset(object)
		api.PrependReactor("get", "configmaps", func(clienttesting.Action) (bool, runtime.Object, error) {
			return denied.Load(), nil, errors.New("forbidden")
		})
		core, logs := observer.New(zap.InfoLevel)
		l := &lookup{configMaps: api.CoreV1(), clients: true, proxies: true, log: zap.New(core)}
		ctx, cancel := context.WithCancel(t.Context())
		go l.run(ctx)
		time.Sleep(time.Hour)
		synctest.Wait()
		if l.known.Load() != nil {
			t.Error("it knows what it could not read")
		}
		denied.Store(false)
		time.Sleep(time.Hour)
		synctest.Wait()
		if l.known.Load() == nil {
			t.Error("it does not know what it could read")
		}
		cancel()
		synctest.Wait()
		var got []string
		for _, entry := range logs.All() {
			got = append(got, entry.Level.String())
		}
		if diff := cmp.Diff([]string{"warn", "info"}, got); diff != "" {
			t.Errorf("log lines (-want +got)\n%s", diff)
		}
	})
}

// Whom to believe is asked by those who find the warning.
func TestLookupSaysWhoIsBelieved(t *testing.T) {
	const nobody = "client certificates are not believed"
	tests := []struct {
		name                    string
		clients, proxies, known bool
		want                    string
	}{
		{"nobody", true, true, false, nobody + ", tokens are"},
		{"those of a file", false, true, false, nobody + " beside those of --client-ca-file, tokens are"},
		{"proxies of a file", true, false, false, nobody + " beside those of --requestheader-client-ca-file, tokens are"},
		{"those of files", false, false, false, "they are not needed, as --client-ca-file and --requestheader-client-ca-file name some"},
		{"as before", true, true, true, "those that were read before are still believed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			core, logs := observer.New(zap.InfoLevel)
			l := &lookup{clients: tt.clients, proxies: tt.proxies, log: zap.New(core)}
			if tt.known {
				l.known.Store(&ways{})
			}
			l.warn(errors.New("forbidden"))
			want := "can't look up the cluster's authorities: " + tt.want + "; `wheelhouse rbac` has the role for it, --authentication-skip-lookup does without"
			if diff := cmp.Diff(want, logs.All()[0].Message); diff != "" {
				t.Errorf("warning (-want +got)\n%s", diff)
			}
		})
	}
}

// What can't be understood doesn't take the place of what was known.
func TestLookupKeepsWhatItKnows(t *testing.T) {
	object := newAuthority(t).configMap()
	for name, spoil := range map[string]func(*corev1.ConfigMap){
		"an authority":      func(o *corev1.ConfigMap) { o.Data["client-ca-file"] = "none" },
		"a proxy authority": func(o *corev1.ConfigMap) { o.Data["requestheader-client-ca-file"] = "none" },
		"names of proxies":  func(o *corev1.ConfigMap) { o.Data["requestheader-allowed-names"] = "none" },
	} {
		t.Run(name, func(t *testing.T) {
			api := fake.NewClientset(object)
			l := &lookup{configMaps: api.CoreV1(), clients: true, proxies: true, log: zap.NewNop()}
			if err := l.read(t.Context()); err != nil {
				t.Fatal(err)
			}
			known := l.known.Load()
			spoilt := object.DeepCopy()
			spoilt.ResourceVersion = "2"
			spoil(spoilt)
			if err := api.Tracker().Update(corev1.SchemeGroupVersion.WithResource("configmaps"), spoilt, lookupNamespace); err != nil {
				t.Fatal(err)
			}
			if err := l.read(t.Context()); err == nil {
				t.Error("no error")
			}
			if l.known.Load() != known {
				t.Error("it forgot what it knew")
			}
		})
	}
}
