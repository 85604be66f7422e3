package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
	"k8s.io/streaming/pkg/httpstream"

	"github.com/6ead2ce0/wheelhouse/leaderelection"
)

// forward reaches the status port of the replica that leads the controller, "" for all, through the API server, whose RBAC says who
// may: they need to get the Lease and the pod, and to create pods/portforward.
func (o *inspectOptions) forward(ctx context.Context, controller string) (*statusPort, error) {
	config, err := o.Client.restConfig()
	if err != nil {
		return nil, err
	}
	config.Timeout = statusTimeout
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("make client: %w", err)
	}
	pod, err := o.leader(ctx, client, controller)
	if err != nil {
		return nil, err
	}
	config.Timeout = 0 // the stream lives as long as it is asked
	target := client.CoreV1().RESTClient().Post().Resource("pods").Namespace(pod.Namespace).Name(pod.Name).SubResource("portforward")
	dialer, err := newDialer(config, target)
	if err != nil {
		return nil, fmt.Errorf("forward a port to pod %s/%s: %w", pod.Namespace, pod.Name, err)
	}
	return dialPod(ctx, dialer, pod, o.Serving.StatusPort)
}

// leader returns the pod of the replica that holds the lease.
func (o *inspectOptions) leader(ctx context.Context, client kubernetes.Interface, controller string) (*corev1.Pod, error) {
	if o.Election.Scope == leaderelection.ScopeController && controller == "" {
		return nil, &usageError{errors.New("--leader-elect-scope: with a lease for each controller, name the controller whose leader to ask")}
	}
	election := o.Election.For(controller)
	lease := election.Namespace + "/" + election.Name
	found, err := client.CoordinationV1().Leases(election.Namespace).Get(ctx, election.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, fmt.Errorf("there is no lease %s: is wheelhouse running here, with leader election?", lease)
	case err != nil:
		return nil, fmt.Errorf("read lease %s: %w", lease, err)
	case found.Spec.HolderIdentity == nil || *found.Spec.HolderIdentity == "":
		return nil, fmt.Errorf("nobody holds the lease %s", lease)
	}
	return o.podOf(ctx, client, *found.Spec.HolderIdentity, lease)
}

// podOf returns the pod of an identity, which begins with its name.
func (o *inspectOptions) podOf(ctx context.Context, client kubernetes.Interface, identity, lease string) (*corev1.Pod, error) {
	name, _, _ := strings.Cut(identity, "_")
	namespace := o.Namespace
	if namespace == "" {
		namespace = o.Election.Namespace
	}
	pod, err := client.CoreV1().Pods(namespace).Get(ctx, name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return nil, fmt.Errorf("%s holds the lease %s, and is no pod in namespace %s: ask it by --address, or name the --namespace", identity, lease, namespace)
	case err != nil:
		return nil, fmt.Errorf("read pod %s/%s, which holds the lease %s: %w", namespace, name, lease, err)
	}
	return pod, nil
}

// newDialer speaks WebSocket, and SPDY with API servers and proxies that don't.
func newDialer(config *rest.Config, target *rest.Request) (httpstream.Dialer, error) {
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		return nil, err
	}
	older := spdy.NewDialerForStreaming(upgrader, &http.Client{Transport: transport}, http.MethodPost, target.URL())
	newer, err := portforward.NewSPDYOverWebsocketDialerForStreaming(target.URL(), config)
	if err != nil {
		return nil, err
	}
	return portforward.NewFallbackDialerForStreaming(newer, older, func(err error) bool {
		return httpstream.IsUpgradeFailure(err) || httpstream.IsHTTPSProxyError(err)
	}), nil
}
