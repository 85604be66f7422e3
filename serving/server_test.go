package serving

import (
	"crypto/ecdsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
)

// world is an API server that knows two tokens, and a server that asks it.
type world struct {
	t      *testing.T
	api    *fake.Clientset
	logs   *observer.ObservedLogs
	server *Server
	url    string
}

// newWorld starts a server with the options changed, and with the ConfigMap of the cluster's authorities if it isn't nil.
func newWorld(t *testing.T, authorities *corev1.ConfigMap, change func(*Options)) *world {
	t.Helper()
	core, logs := observer.New(zap.InfoLevel)
	w := &world{t: t, api: fake.NewClientset(), logs: logs}
	if authorities != nil {
		w.api = fake.NewClientset(authorities)
	}
	w.api.PrependReactor("create", "tokenreviews", reviewToken)
	w.api.PrependReactor("create", "subjectaccessreviews", reviewAccess)
	o := DefaultOptions()
	o.BindAddress, o.Port = "127.0.0.1", 0 // any port: only the process takes 0 for none
	change(&o)
	server, err := New(Config{Options: o, Authentication: w.api, Authorization: w.api, Log: zap.New(core)})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := server.Listen(t.Context(), http.HandlerFunc(hello), func() {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := listener.Stop(); err != nil {
			t.Error(err)
		}
	})
	w.server, w.url = server, listener.URL()
	return w
}

// reviewToken knows the tokens "reader" and "stranger".
func reviewToken(action clienttesting.Action) (bool, runtime.Object, error) {
	review := action.(clienttesting.CreateAction).GetObject().(*authenticationv1.TokenReview)
	switch review.Spec.Token {
	case "broken":
		return true, nil, errors.New("the API server is away")
	case "reader", "stranger":
		review.Status = authenticationv1.TokenReviewStatus{Authenticated: true, User: authenticationv1.UserInfo{Username: review.Spec.Token}}
	default:
		review.Status.Error = "unknown token " + review.Spec.Token
	}
	return true, review, nil
}

// reviewAccess lets "reader" get what is at /metrics.
func reviewAccess(action clienttesting.Action) (bool, runtime.Object, error) {
	review := action.(clienttesting.CreateAction).GetObject().(*authorizationv1.SubjectAccessReview)
	if review.Spec.NonResourceAttributes.Path == "/broken" {
		return true, nil, errors.New("the API server is away")
	}
	review.Status.Allowed = review.Spec.User == "reader" && cmp.Equal(review.Spec.Groups, []string{"system:authenticated"}) &&
		cmp.Equal(review.Spec.NonResourceAttributes, &authorizationv1.NonResourceAttributes{Verb: "get", Path: "/metrics"})
	return true, review, nil
}

// ask returns the status of an answer.
func (w *world) ask(client *http.Client, method, path string, header http.Header) int {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), method, w.url, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	request.URL.Opaque = strings.Replace(w.url, "https:", "", 1) + path // as it is, not cleaned
	request.Header = header
	response, err := client.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode
}

func bearer(token string) http.Header {
	if token == "" {
		return http.Header{}
	}
	return http.Header{"Authorization": {"Bearer " + token}}
}

func TestWhoMayAskWhat(t *testing.T) {
	w := newWorld(t, nil, func(o *Options) { o.SkipLookup = true })
	tests := []struct {
		method, path, token string
		want                int
	}{
		{"GET", "/healthz", "", 200},
		{"GET", "/healthz/some", "", 200},
		{"GET", "/healthz", "unheardof", 200}, // nobody is asked
		{"GET", "/livez", "", 200},
		{"GET", "/readyz", "", 200},
		{"GET", "/healthzy", "", 401},
		{"GET", "/metrics", "", 401},
		{"GET", "/metrics", "unheardof", 401},
		{"GET", "/metrics", "broken", 503},
		{"GET", "/metrics", "stranger", 403},
		{"GET", "/metrics", "reader", 200},
		{"GET", "/broken", "reader", 503},
		{"PUT", "/metrics", "reader", 403},
		{"GET", "/", "reader", 403},
		{"GET", "/metrics/", "reader", 403},
		{"GET", "/healthz/../metrics", "", 404},
		{"GET", "/healthz/%2e%2e/metrics", "", 404},
		{"GET", "/healthz/..%2fmetrics", "", 404},
		{"GET", "//healthz", "", 404},
		{"GET", "/healthz//some", "", 404},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path+" "+tt.token, func(t *testing.T) {
			if got := w.ask(client(&tls.Config{}), tt.method, tt.path, bearer(tt.token)); got != tt.want {
				t.Errorf("status %d, want %d", got, tt.want)
			}
		})
	}
}

// A scraper costs one question of each kind, and so does a token that nobody knows.
func TestAnswersAreRemembered(t *testing.T) {
	w := newWorld(t, nil, func(o *Options) { o.SkipLookup = true })
	for range 5 {
		w.ask(client(&tls.Config{}), "GET", "/metrics", bearer("reader"))
		w.ask(client(&tls.Config{}), "GET", "/metrics", bearer("unheardof"))
		w.ask(client(&tls.Config{}), "GET", "/metrics", nil)
		w.ask(client(&tls.Config{}), "GET", "/healthz", nil)
	}
	got := map[string]int{}
	for _, action := range w.api.Actions() {
		got[action.GetResource().Resource]++
	}
	if diff := cmp.Diff(map[string]int{"tokenreviews": 2, "subjectaccessreviews": 1}, got); diff != "" {
		t.Errorf("questions (-want +got)\n%s", diff)
	}
}

func TestAnswersAreRememberedForAsLongAsIsSaid(t *testing.T) {
	w := newWorld(t, nil, func(o *Options) { o.SkipLookup, o.TokenTTL, o.AllowedTTL = true, 0, 0 })
	for range 3 {
		w.ask(client(&tls.Config{}), "GET", "/metrics", bearer("reader"))
		w.ask(client(&tls.Config{}), "GET", "/metrics", bearer("stranger"))
	}
	got := map[string]int{}
	for _, action := range w.api.Actions() {
		got[action.GetResource().Resource]++
	}
	if diff := cmp.Diff(map[string]int{"tokenreviews": 6, "subjectaccessreviews": 4}, got); diff != "" { // that the stranger may not is remembered
		t.Errorf("questions (-want +got)\n%s", diff)
	}
}

// Whoever asks can't make the log grow.
func TestComplaintsAreFew(t *testing.T) {
	w := newWorld(t, nil, func(o *Options) { o.SkipLookup = true })
	for range 20 {
		w.ask(client(&tls.Config{}), "GET", "/metrics", bearer("broken"))
	}
	if n := w.logs.FilterMessage("can't ask the API server who somebody is").Len(); n != 1 {
		t.Errorf("%d complaints in a minute, want 1", n)
	}
}

// Why a token was refused is in the log, once in a while, and nowhere else.
func TestReasonOfARefusedToken(t *testing.T) {
	w := newWorld(t, nil, func(o *Options) { o.SkipLookup = true })
	for i := range 5 {
		if got := w.ask(client(&tls.Config{}), "GET", "/metrics", bearer(fmt.Sprintf("unheardof-%d", i))); got != 401 {
			t.Errorf("status %d, want 401", got)
		}
	}
	want := []map[string]any{{"reason": "unknown token [token]"}}
	var got []map[string]any
	for _, entry := range w.logs.FilterMessage("the API server does not accept a token").All() {
		got = append(got, entry.ContextMap())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log lines (-want +got)\n%s", diff)
	}
}

func TestTLS(t *testing.T) {
	w := newWorld(t, nil, func(o *Options) { o.SkipLookup = true })
	tests := []struct {
		name    string
		version uint16
		refused bool
	}{
		{"1.1", tls.VersionTLS11, true},
		{"1.2", tls.VersionTLS12, false},
		{"1.3", tls.VersionTLS13, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			response, err := client(&tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tt.version}).Get(w.url + "/healthz")
			if (err != nil) != tt.refused {
				t.Fatalf("error %v, want one: %v", err, tt.refused)
			}
			if err == nil {
				defer response.Body.Close()
				if response.ProtoMajor != 1 {
					t.Errorf("it speaks HTTP/%d, want 1", response.ProtoMajor)
				}
			}
		})
	}
}

// authority signs certificates.
type authority struct {
	t    *testing.T
	cert tls.Certificate
	leaf *x509.Certificate
}

func newAuthority(t *testing.T) authority {
	t.Helper()
	cert, err := selfSigned(time.Now(), nil)
	if err != nil {
		t.Fatal(err)
	}
	a := authority{t: t, cert: cert}
	a.leaf = a.parse(a.sign("authority", func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	}, nil))
	a.cert.Certificate, a.cert.Leaf = [][]byte{a.leaf.Raw}, a.leaf
	return a
}

func (a authority) parse(cert tls.Certificate) *x509.Certificate {
	a.t.Helper()
	parsed, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		a.t.Fatal(err)
	}
	return parsed
}

// sign returns a certificate of the key's owner, signed by parent, or by itself.
func (a authority) sign(name string, change func(*x509.Certificate), parent *x509.Certificate) tls.Certificate {
	a.t.Helper()
	template := a.parse(a.cert)
	template.RawSubject, template.Subject.CommonName = nil, name
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}
	change(template)
	if parent == nil {
		parent = template
	}
	key := a.cert.PrivateKey.(*ecdsa.PrivateKey)
	der, err := x509.CreateCertificate(nil, template, parent, key.Public(), key)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// client returns a client with a certificate of the name.
func (a authority) client(name string) *http.Client {
	cert := a.sign(name, func(*x509.Certificate) {}, a.leaf)
	return client(&tls.Config{Certificates: []tls.Certificate{cert}})
}

func (a authority) pem() string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.leaf.Raw}))
}

func (a authority) configMap() *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "extension-apiserver-authentication", ResourceVersion: "1"},
		Data: map[string]string{
			"client-ca-file":                     a.pem(),
			"requestheader-client-ca-file":       a.pem(),
			"requestheader-allowed-names":        `["proxy"]`,
			"requestheader-username-headers":     `["X-Remote-User"]`,
			"requestheader-group-headers":        `["X-Remote-Group"]`,
			"requestheader-extra-headers-prefix": `["X-Remote-Extra-"]`,
		},
	}
}

func TestClientCertificates(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	file := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(file, []byte(ours.pem()), 0o600); err != nil {
		t.Fatal(err)
	}
	remote := http.Header{"X-Remote-User": {"reader"}}
	byFile := func(o *Options) { o.RequestHeader.ClientCAFile, o.RequestHeader.AllowedNames = file, []string{"proxy"} }
	tests := []struct {
		name   string
		object *corev1.ConfigMap
		change func(*Options)
		client *http.Client
		header http.Header
		want   int
	}{
		{"of the cluster", ours.configMap(), func(*Options) {}, ours.client("reader"), nil, 200},
		{"of the cluster, who may not", ours.configMap(), func(*Options) {}, ours.client("stranger"), nil, 403},
		{"of others", ours.configMap(), func(*Options) {}, theirs.client("reader"), nil, 401},
		{"of others, with a token", ours.configMap(), func(*Options) {}, theirs.client("reader"), bearer("reader"), 200},
		{"of nobody known", nil, func(*Options) {}, ours.client("reader"), nil, 401},
		{"of a cluster that isn't looked at", ours.configMap(), func(o *Options) { o.SkipLookup = true }, ours.client("reader"), nil, 401},
		{"of a file", nil, func(o *Options) { o.ClientCAFile = file }, ours.client("reader"), nil, 200},
		{"of the cluster, though there is a file", theirs.configMap(), func(o *Options) { o.ClientCAFile = file }, theirs.client("reader"), nil, 401},
		{"of a proxy", ours.configMap(), func(*Options) {}, ours.client("proxy"), remote, 200},
		{"of no proxy, who says so", ours.configMap(), func(*Options) {}, ours.client("stranger"), remote, 403},
		{"of a proxy of others", ours.configMap(), func(*Options) {}, theirs.client("proxy"), remote, 401},
		{"of a proxy of a file", nil, byFile, ours.client("proxy"), remote, 200},
		{"of a proxy of a file, by another name", nil, byFile, ours.client("stranger"), remote, 401},
		{"of a proxy of the cluster, though there is a file", theirs.configMap(), byFile, theirs.client("proxy"), remote, 403},
		{"none, with headers", ours.configMap(), func(*Options) {}, client(&tls.Config{}), remote, 401},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.object, func(o *Options) {
				o.TolerateLookupFailure = tt.object == nil // otherwise it is looked up before anybody is answered
				tt.change(o)
			})
			if got := w.ask(tt.client, "GET", "/metrics", tt.header); got != tt.want {
				t.Errorf("status %d, want %d", got, tt.want)
			}
		})
	}
}

// Files of authorities are read again while the server answers.
func TestAuthoritiesOfAFileChange(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	tests := []struct {
		name   string
		option func(*Options, string)
		client string
		header http.Header
	}{
		{"of clients", func(o *Options, file string) { o.ClientCAFile = file }, "reader", nil},
		{"of proxies", func(o *Options, file string) {
			o.RequestHeader.ClientCAFile, o.RequestHeader.AllowedNames = file, []string{"proxy"}
		}, "proxy", http.Header{"X-Remote-User": {"reader"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "ca.crt")
			write := func(a authority) {
				if err := os.WriteFile(file, []byte(a.pem()), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write(ours)
			w := newWorld(t, nil, func(o *Options) {
				o.SkipLookup = true
				tt.option(o, file)
			})
			want := func(a authority, status int) {
				t.Helper()
				client := a.client(tt.client)
				for deadline := time.Now().Add(20 * time.Second); ; { // it asks again at once, as many would
					got := w.ask(client, "GET", "/metrics", tt.header)
					if got == status {
						return
					}
					if time.Now().After(deadline) {
						t.Fatalf("status %d 20 s after the file has changed, want %d", got, status)
					}
				}
			}
			want(ours, http.StatusOK)
			want(theirs, http.StatusUnauthorized)
			write(theirs)
			want(theirs, http.StatusOK)
			want(ours, http.StatusUnauthorized)
		})
	}
}

func TestLookupFailureThatIsNotTolerated(t *testing.T) {
	o := DefaultOptions()
	o.TolerateLookupFailure = false
	api := fake.NewClientset()
	server, err := New(Config{Options: o, Authentication: api, Authorization: api, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	_, err = server.Listen(t.Context(), http.HandlerFunc(hello), func() {})
	if err == nil || !strings.HasPrefix(err.Error(), "--authentication-tolerate-lookup-failure: get configmap ") {
		t.Errorf("Listen = %v, want an error that names the flag and the ConfigMap", err)
	}
}
