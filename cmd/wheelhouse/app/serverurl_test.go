package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
)

func TestServerURLShowsNoCredentials(t *testing.T) {
	for text, want := range map[string]string{
		"":                               "",
		"https://10.0.0.1:6443/a":        "https://10.0.0.1:6443/a",
		"https://me:secret@10.0.0.1/a":   "https://[withheld]@10.0.0.1/a",
		"https://secret@10.0.0.1":        "https://[withheld]@10.0.0.1",
		"https://me:se@cret@10.0.0.1":    "https://[withheld]@10.0.0.1",
		"me:secret@10.0.0.1:6443":        "[withheld]@10.0.0.1:6443",
		"me:secret@10.0.0.1/?to=http://": "[withheld]@10.0.0.1/?to=http://",
	} {
		if got := serverURL(text).String(); got != want {
			t.Errorf("%s is shown as %s, want %s", text, got, want)
		}
	}
}

// What is shown of the flags, logged, or said in errors holds no password.
func TestPagesShowNoCredentials(t *testing.T) {
	o := defaultOptions(nil)
	p := idleProcess(t, o)
	p.flags = pflag.NewFlagSet("", pflag.ContinueOnError)
	o.Client.addFlags(p.flags)
	if err := p.flags.Parse([]string{"--master=https://me:secret@127.0.0.1:1"}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/flagz", "/configz"} {
		answer := httptest.NewRecorder()
		p.secureHandler(time.Now(), false).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path, nil))
		if body := answer.Body.String(); !strings.Contains(body, "https://[withheld]@127.0.0.1:1") || strings.Contains(body, "secret") {
			t.Errorf("%s shows\n%s\nwant no password", path, body)
		}
	}
	bad := clientOptions{Master: "https://me:secret@10.0.0.1 :6443"}
	if _, err := bad.restConfigOf("kubeconfig"); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("the error is %v, want one without the password", err)
	}
	args := []string{"wheelhouse", "--v=1", "--master=https://me:secret@a:1", "--master", "me:secret@a:1", "--controllers=*,-b"}
	want := []string{"wheelhouse", "--v=1", "--master=https://[withheld]@a:1", "--master", "[withheld]@a:1", "--controllers=*,-b"}
	if diff := cmp.Diff(want, withoutPasswords(args)); diff != "" {
		t.Errorf("arguments (-want +got)\n%s", diff)
	}
}

// The password goes to the API server, and it isn't in the URL, which client-go logs.
func TestCredentialsOfTheURLAreUsed(t *testing.T) {
	config, err := clientOptions{Master: "https://me:secret@10.0.0.1:6443/a"}.restConfigOf("kubeconfig")
	if err != nil {
		t.Fatal(err)
	}
	got := []string{config.Host, config.Username, config.Password}
	if diff := cmp.Diff([]string{"https://10.0.0.1:6443/a", "me", "secret"}, got); diff != "" {
		t.Errorf("host, name, password (-want +got)\n%s", diff)
	}
	config = &rest.Config{Host: "https://me:secret@10.0.0.1", BearerToken: "token"}
	if err := holdCredentials(config); err != nil || config.Username != "" || config.Host != "https://10.0.0.1" {
		t.Errorf("beside a token: %v, name %q, host %q, want the token alone", err, config.Username, config.Host)
	}
}

// No list of /configz is null.
func TestConfigHasNoNull(t *testing.T) {
	p := idleProcess(t, defaultOptions(nil))
	p.flags = sampleFlags(t)
	answer := httptest.NewRecorder()
	p.serveConfig(answer, nil)
	if body := answer.Body.String(); !json.Valid([]byte(body)) || strings.Contains(body, "null") {
		t.Errorf("/configz is\n%s\nwant no null", body)
	}
}
