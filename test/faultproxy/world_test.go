package faultproxy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"
)

// world is a proxy between a client and a server that stands for the API server. To a watch the server sends what is put into
// events, one line each; to anything else it says who asked, and how.
type world struct {
	*Proxy
	client *http.Client
	asked  atomic.Int64
	events chan string
}

const user = "jane"

func newWorld(t *testing.T) *world {
	w := &world{events: make(chan string)}
	certificate, pool := selfSigned(t)
	both := &tls.Config{Certificates: []tls.Certificate{certificate}, RootCAs: pool, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
	server := httptest.NewUnstartedServer(http.HandlerFunc(w.serve))
	server.TLS, server.EnableHTTP2 = both.Clone(), true
	server.StartTLS()
	t.Cleanup(server.Close)
	upstream, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	w.Proxy = New(t, Config{Upstream: upstream, Client: both, Server: both})
	transport := &http.Transport{TLSClientConfig: both.Clone(), ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	w.client = &http.Client{Transport: transport, Timeout: 10 * time.Second}
	return w
}

func (w *world) serve(response http.ResponseWriter, r *http.Request) {
	w.asked.Add(1)
	if r.URL.Query().Get("watch") != "true" {
		response.WriteHeader(http.StatusCreated)
		fmt.Fprintf(response, "%s %s %v", r.Proto, r.Header.Get("X-Remote-User"), r.Header.Values("X-Remote-Group"))
		return
	}
	response.WriteHeader(http.StatusOK)
	for {
		_ = http.NewResponseController(response).Flush()
		select {
		case line, ok := <-w.events:
			if !ok {
				return
			}
			fmt.Fprintln(response, line)
		case <-r.Context().Done():
			return
		}
	}
}

const podsPath = "/api/v1/namespaces/a/pods"

// post creates a pod and returns what came back.
func (w *world) post() (code int, body string, err error) {
	return read(w.client.Post("https://"+w.Address()+podsPath, "text/plain", nil))
}

func read(response *http.Response, err error) (int, string, error) {
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// watch begins to watch pods and returns what comes.
func (w *world) watch(t *testing.T) io.Reader {
	t.Helper()
	response, err := w.client.Get("https://" + w.Address() + podsPath + "?watch=true")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	if response.StatusCode != http.StatusOK {
		t.Fatalf("watching is answered with %d", response.StatusCode)
	}
	return response.Body
}

// selfSigned returns a certificate of a server on loopback that is also a client's, and its own authority.
func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: user, Organization: []string{"ops", "devs"}},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}
