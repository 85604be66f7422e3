// Package kubeconfig writes and reads the kubeconfigs of a local cluster: one cluster, one user, certificates inside.
package kubeconfig

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/pki"
)

// entry names the cluster and the context in every kubeconfig, as they show in `kubectl config get-contexts`.
const entry = "localcluster"

// Encode returns the kubeconfig by which user reaches the API server.
func Encode(server, user string, authority []byte, pair *pki.Pair) ([]byte, error) {
	config := clientcmdapi.NewConfig()
	config.Clusters[entry] = &clientcmdapi.Cluster{Server: server, CertificateAuthorityData: authority}
	config.AuthInfos[user] = &clientcmdapi.AuthInfo{ClientCertificateData: pair.Cert, ClientKeyData: pair.Key}
	config.Contexts[entry] = &clientcmdapi.Context{Cluster: entry, AuthInfo: user}
	config.CurrentContext = entry
	data, err := clientcmd.Write(*config)
	if err != nil {
		return nil, fmt.Errorf("encode the kubeconfig of %s: %w", user, err)
	}
	return data, nil
}

// WriteFile puts a kubeconfig where only its owner can read it, also when a file with a wider mode was there before.
func WriteFile(path string, data []byte) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace a kubeconfig: %w", err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("write a kubeconfig: %w", err)
	}
	return nil
}

// Server returns the address of the API server in the kubeconfig at path.
func Server(path string) (string, error) {
	config, err := clientcmd.LoadFromFile(path)
	if err != nil {
		return "", fmt.Errorf("read the kubeconfig %s: %w", path, err)
	}
	cluster, ok := config.Clusters[entry]
	if !ok {
		return "", fmt.Errorf("read the kubeconfig %s: no cluster %q in it", path, entry)
	}
	return cluster.Server, nil
}
