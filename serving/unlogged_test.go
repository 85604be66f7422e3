package serving

import (
	"bytes"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"

	"go.uber.org/zap"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
)

// lines is what was logged. It may be written by several at once.
type lines struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (l *lines) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(data)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// verbose lets Kubernetes' libraries log all that they can, into the lines.
func verbose(t *testing.T) *lines {
	t.Helper()
	state := klog.CaptureState()
	t.Cleanup(state.Restore)
	var all lines
	klog.LogToStderr(false)
	klog.SetOutput(&all)
	var level klog.Level
	if err := level.Set("10"); err != nil {
		t.Fatal(err)
	}
	return &all
}

// reviewer is an API server that repeats the review, as a real one does, and believes it.
func reviewer(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	status := `"status":{"authenticated":true,"allowed":true,"user":{"username":"secret-somebody"}}`
	answer := regexp.MustCompile(`"status":\{.*\}\}`).ReplaceAllString(strings.TrimSpace(string(body)), status+"}")
	_, _ = io.WriteString(w, answer) // the test reads it
}

// However much is logged, nobody's token is.
func TestTokensAreNeverLogged(t *testing.T) {
	logged := verbose(t)
	server := httptest.NewServer(http.HandlerFunc(reviewer))
	defer server.Close()
	api, err := kubernetes.NewForConfig(&rest.Config{Host: server.URL, ContentConfig: rest.ContentConfig{ContentType: runtime.ContentTypeJSON}}) // of which the level is 10 already
	if err != nil {
		t.Fatal(err)
	}
	klog.Info("logs are read")
	o := DefaultOptions()
	o.BindAddress, o.Port, o.SkipLookup = "127.0.0.1", 0, true
	s, err := New(Config{Options: o, Authentication: api, Authorization: api, Log: zap.NewNop()})
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	request.Header, request.TLS = bearer("secret-token"), &tls.ConnectionState{}
	answer := httptest.NewRecorder()
	s.guarded(http.HandlerFunc(hello)).ServeHTTP(answer, request)
	klog.Flush()
	if answer.Code != http.StatusOK {
		t.Errorf("status %d, want 200", answer.Code)
	}
	if text := logged.String(); !strings.Contains(text, "logs are read") || strings.Contains(text, "secret") || strings.Contains(text, "Body") {
		t.Errorf("this was logged, want nothing of the requests:\n%s", text)
	}
}
