package serving

import (
	"context"
	cryptox509 "crypto/x509"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/request/union"
	"k8s.io/apiserver/pkg/authentication/request/x509"
	coreclient "k8s.io/client-go/kubernetes/typed/core/v1"
)

// Where the API server says whom it believes
// (https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/#contacting-the-extension-apiserver).
const (
	lookupNamespace = "kube-system"
	lookupName      = "extension-apiserver-authentication"
)

// lookupInterval is how often it is read again. Authorities change in the course of years, permissions in the course of a day.
const lookupInterval = time.Minute

// lookup believes whom the API server believes: clients with a certificate of its authorities, and those for whom an aggregating API
// server speaks. Until it has been read, it knows nobody.
type lookup struct {
	configMaps coreclient.ConfigMapsGetter
	// clients and proxies say whether the authorities for clients and those for aggregating API servers are wanted.
	clients, proxies bool
	log              *zap.Logger
	known            atomic.Pointer[ways]
}

// ways to tell who asks, as of one version of the ConfigMap.
type ways struct {
	authenticator.Request
	version string
}

// AuthenticateRequest returns who asks, and whether it can tell.
func (l *lookup) AuthenticateRequest(r *http.Request) (*authenticator.Response, bool, error) {
	if known := l.known.Load(); known != nil {
		return known.AuthenticateRequest(r)
	}
	return nil, false, nil
}

// run reads the ConfigMap at intervals until ctx ends. It says when reading begins to fail, and when it succeeds again, not each time.
func (l *lookup) run(ctx context.Context) {
	ticker := time.NewTicker(lookupInterval)
	defer ticker.Stop()
	failed := false
	for {
		err := l.read(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failed:
			l.warn(err)
		case err == nil && failed:
			l.log.Info("the cluster's authorities for client certificates are known")
		}
		failed = err != nil
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

func (l *lookup) warn(err error) {
	l.log.Warn("can't look up the cluster's authorities: "+l.meanwhile()+"; `wheelhouse rbac` has the role for it, "+
		"--authentication-skip-lookup does without", zap.Error(err))
}

// meanwhile says who is believed while the ConfigMap can't be read.
func (l *lookup) meanwhile() string {
	switch {
	case l.known.Load() != nil:
		return "those that were read before are still believed"
	case l.clients && l.proxies:
		return "client certificates are not believed, tokens are"
	case l.clients:
		return "client certificates are not believed beside those of --requestheader-client-ca-file, tokens are"
	case l.proxies:
		return "client certificates are not believed beside those of --client-ca-file, tokens are"
	}
	return "they are not needed, as --client-ca-file and --requestheader-client-ca-file name some"
}

func (l *lookup) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reviewTimeout)
	defer cancel()
	object, err := l.configMaps.ConfigMaps(lookupNamespace).Get(ctx, lookupName, metav1.GetOptions{})
	if err != nil {
		return fmt.Errorf("get configmap %s/%s: %w", lookupNamespace, lookupName, err)
	}
	if known := l.known.Load(); known != nil && known.version == object.ResourceVersion {
		return nil
	}
	requests, err := l.waysOf(object)
	if err != nil {
		return fmt.Errorf("read configmap %s/%s: %w", lookupNamespace, lookupName, err)
	}
	l.known.Store(&ways{Request: union.New(requests...), version: object.ResourceVersion})
	return nil
}

func (l *lookup) waysOf(object *corev1.ConfigMap) ([]authenticator.Request, error) {
	var list []authenticator.Request
	if bundle := object.Data["requestheader-client-ca-file"]; bundle != "" && l.proxies {
		way, err := byHeaders(bundle, object.Data)
		if err != nil {
			return nil, err
		}
		list = append(list, way)
	}
	if bundle := object.Data["client-ca-file"]; bundle != "" && l.clients {
		authorities, err := parseAuthorities([][]byte{[]byte(bundle)})
		if err != nil {
			return nil, fmt.Errorf("client-ca-file: %w", err)
		}
		list = append(list, byCertificate(func() (cryptox509.VerifyOptions, bool) { return authorities, true }))
	}
	return list, nil
}

// byCertificate believes client certificates of the authorities.
func byCertificate(authorities x509.VerifyOptionFunc) authenticator.Request {
	return x509.NewDynamic(authorities, x509.CommonNameUserConversion)
}
