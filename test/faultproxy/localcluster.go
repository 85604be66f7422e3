package faultproxy

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/client-go/tools/clientcmd"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// Certificates of a local cluster: the proxy shows clients the API server's, and the API server that of an aggregator, which it
// lets say who the client is.
const (
	serverPair     = "kube-apiserver"
	aggregatorPair = "front-proxy-client"
)

// Start runs a proxy in front of the cluster until the test ends.
func Start(t testing.TB, c *cluster.Cluster) *Proxy {
	t.Helper()
	config, err := clientcmd.LoadFromFile(c.Kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	upstream, err := url.Parse(config.Clusters[config.Contexts[config.CurrentContext].Cluster].Server)
	if err != nil {
		t.Fatal(err)
	}
	pki := filepath.Join(c.Dir, "pki")
	authority := authority(t, pki)
	p := New(t, Config{
		Upstream: upstream,
		Client:   &tls.Config{RootCAs: authority, Certificates: []tls.Certificate{pair(t, pki, aggregatorPair)}},
		Server: &tls.Config{
			ClientCAs: authority, ClientAuth: tls.RequireAndVerifyClientCert,
			Certificates: []tls.Certificate{pair(t, pki, serverPair)},
		},
	})
	p.cluster = c
	return p
}

// Kubeconfig returns the path of a kubeconfig for the user, in no group, that leads through the proxy. "admin" is the
// administrator.
func (p *Proxy) Kubeconfig(user string) string {
	p.t.Helper()
	if user == "admin" {
		return p.Through(p.cluster.Kubeconfig)
	}
	return p.Through(p.cluster.User(p.t, user))
}

// Through returns the path of a copy of the kubeconfig that leads through the proxy.
func (p *Proxy) Through(kubeconfig string) string {
	p.t.Helper()
	config, err := clientcmd.LoadFromFile(kubeconfig)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, cluster := range config.Clusters {
		cluster.Server = "https://" + p.address
	}
	path := filepath.Join(p.t.TempDir(), "kubeconfig")
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		p.t.Fatal(err)
	}
	return path
}

func authority(t testing.TB, pki string) *x509.CertPool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(pki, "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		t.Fatalf("no certificate in %s/ca.crt", pki)
	}
	return pool
}

func pair(t testing.TB, pki, name string) tls.Certificate {
	t.Helper()
	path := filepath.Join(pki, name)
	pair, err := tls.LoadX509KeyPair(path+".crt", path+".key")
	if err != nil {
		t.Fatal(err)
	}
	return pair
}
