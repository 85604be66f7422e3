package cluster

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/6ead2ce0/wheelhouse/localcluster/internal/datadir"
	"github.com/6ead2ce0/wheelhouse/localcluster/internal/ports"
)

// longestAnswer bounds what is read of a health check's answer.
const longestAnswer = 64 << 10

// apiReady returns nil when /readyz passes, or which of its checks don't.
func apiReady(ctx context.Context, client kubernetes.Interface) error {
	result := client.Discovery().RESTClient().Get().AbsPath("/readyz").Param("verbose", "").Do(ctx)
	err := result.Error()
	if err == nil {
		return nil
	}
	if body, _ := result.Raw(); len(body) > 0 {
		if failing := failingChecks(string(body)); failing != "" {
			return errors.New(failing)
		}
	}
	return innermost(err)
}

// failingChecks lists the checks that a verbose health answer marks as failed.
func failingChecks(answer string) string {
	var failing []string
	for line := range strings.Lines(answer) {
		if name, ok := strings.CutPrefix(line, "[-]"); ok {
			failing = append(failing, strings.Fields(name)[0])
		}
	}
	if len(failing) == 0 {
		return ""
	}
	return "not yet: " + strings.Join(failing, ", ")
}

// innermost strips an error down to its cause, such as "connection refused".
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}

// healthCheck returns a check that a component's /healthz passes. It needs no credentials there, only trust.
func healthCheck(dir *datadir.Dir, port int) (func(context.Context) error, error) {
	authority, err := os.ReadFile(filepath.Join(dir.PKI(), "ca.crt"))
	if err != nil {
		return nil, fmt.Errorf("read the certificate of the authority: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)
	client := &http.Client{
		Timeout:   requestTimeout,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true},
	}
	return func(ctx context.Context) error { return healthy(ctx, client, ports.URL(port)+"/healthz") }, nil
}

func healthy(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return innermost(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(response.Body, longestAnswer))
		if failing := failingChecks(string(body)); failing != "" {
			return errors.New(failing)
		}
		return errors.New(response.Status)
	}
	return nil
}

// ensureAccount makes the default service account; without it the API server refuses pods.
func ensureAccount(ctx context.Context, accounts typedcorev1.ServiceAccountInterface) error {
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
	if _, err := accounts.Create(ctx, account, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		return fmt.Errorf("create service account default/default: %w", err)
	}
	return nil
}
