package app

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// The metric tells of the certificate in use: of the first to end of several, and of the newest in a file.
func TestCertificatesOfKubeconfigs(t *testing.T) {
	owner := newOwner(t)
	file, key := owner.write("client.crt", owner.lasting(200)), owner.write("client.key", owner.pemKey())
	o := defaultOptions(nil)
	o.Client.Kubeconfig = owner.kubeconfig("files", clientcmdapi.AuthInfo{ClientCertificate: file, ClientKey: key})
	o.Serving.Secure.AuthenticationKubeconfig = owner.kubeconfig("data", clientcmdapi.AuthInfo{
		ClientCertificateData: owner.lasting(300), ClientKeyData: owner.pemKey(),
	})
	o.Serving.Secure.AuthorizationKubeconfig = owner.kubeconfig("token", clientcmdapi.AuthInfo{Token: "t"})
	p := idleProcess(t, o)
	want := func(when string, end int64) {
		t.Helper()
		if got := p.certificates.firstToEnd().NotAfter.Unix(); got != end {
			t.Errorf("%s the first to end does so at %d, want %d", when, got, end)
		}
	}
	want("at first", 200)
	owner.write("client.crt", owner.lasting(250))
	want("when the file has changed", 250)
	owner.write("client.crt", owner.lasting(400))
	want("when the file lasts longer than the others", 300)
	owner.write("client.crt", []byte("no certificate"))
	want("when the file holds none", 300)
}

func TestTokensAreNoCertificates(t *testing.T) {
	o := defaultOptions(nil)
	o.Client.Kubeconfig = newOwner(t).kubeconfig("token", clientcmdapi.AuthInfo{Token: "t"})
	if got := idleProcess(t, o).certificates.firstToEnd(); got != nil {
		t.Errorf("a token ends at %v, want no certificate", got.NotAfter)
	}
}

// owner has a key, certificates of it, and a folder for them.
type owner struct {
	t   *testing.T
	dir string
	key *ecdsa.PrivateKey
}

func newOwner(t *testing.T) owner {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return owner{t: t, dir: t.TempDir(), key: key}
}

// lasting returns a certificate that ends at that second.
func (o owner) lasting(end int64) []byte {
	o.t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(100, 0), NotAfter: time.Unix(end, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, o.key.Public(), o.key)
	if err != nil {
		o.t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func (o owner) pemKey() []byte {
	o.t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(o.key)
	if err != nil {
		o.t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// write returns the path of the file.
func (o owner) write(name string, content []byte) string {
	o.t.Helper()
	path := filepath.Join(o.dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		o.t.Fatal(err)
	}
	return path
}

// kubeconfig returns the path of one in which the user authenticates so.
func (o owner) kubeconfig(name string, user clientcmdapi.AuthInfo) string {
	o.t.Helper()
	path := filepath.Join(o.dir, name)
	err := clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{"c": {Server: "https://api.example.com"}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{"u": &user},
		Contexts:       map[string]*clientcmdapi.Context{"x": {Cluster: "c", AuthInfo: "u"}},
		CurrentContext: "x",
	}, path)
	if err != nil {
		o.t.Fatal(err)
	}
	return path
}
