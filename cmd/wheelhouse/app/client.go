package app

import (
	"errors"
	"fmt"
	"math"
	goruntime "runtime"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"github.com/6ead2ce0/wheelhouse/manager"
)

// clientOptions say how to reach the API server.
type clientOptions struct {
	// Kubeconfig is the path of a kubeconfig file. Default: none.
	Kubeconfig string
	// Master is the URL of the API server; it overrides the kubeconfig's. Default: none. With neither, the process takes
	// itself for a pod and uses its service account.
	Master serverURL
	// QPS and Burst limit the requests of each controller: 20 a second, 30 at once. A negative QPS means no limit.
	QPS   float32
	Burst int
	// ContentType is how objects are sent and, where the API server can, received. Default: protobuf.
	ContentType string
}

func defaultClientOptions() clientOptions {
	return clientOptions{QPS: 20, Burst: 30, ContentType: runtime.ContentTypeProtobuf}
}

func (o *clientOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Kubeconfig, "kubeconfig", o.Kubeconfig, "Path of a kubeconfig file. Without this and --master, the service account of the pod is used.")
	flags.Var(&o.Master, "master", "URL of the API server. Overrides the one in the kubeconfig.")
	flags.Float32Var(&o.QPS, "kube-api-qps", o.QPS, "Requests a second that each controller may make. Negative means no limit.")
	flags.IntVar(&o.Burst, "kube-api-burst", o.Burst, "Requests that each controller may make at once before --kube-api-qps holds.")
	flags.StringVar(&o.ContentType, "kube-api-content-type", o.ContentType, "Content type of requests to the API server.")
}

func (o clientOptions) validate() error {
	qps := float64(o.QPS)
	switch {
	case math.IsNaN(qps) || math.IsInf(qps, 0):
		return fmt.Errorf("--kube-api-qps: must be a number, not %v; a negative value means no limit", qps)
	case o.QPS == 0:
		return errors.New("--kube-api-qps: must not be 0; a negative value means no limit")
	case o.QPS > 0 && o.Burst < 1:
		return fmt.Errorf("--kube-api-burst: must be at least 1, not %d", o.Burst)
	case o.ContentType != runtime.ContentTypeProtobuf && o.ContentType != runtime.ContentTypeJSON:
		return fmt.Errorf("--kube-api-content-type: must be %s or %s, not %q", runtime.ContentTypeProtobuf, runtime.ContentTypeJSON, o.ContentType)
	}
	return nil
}

// restConfig finds the API server and how to authenticate.
func (o clientOptions) restConfig() (*rest.Config, error) {
	if o.Kubeconfig == "" && o.Master == "" {
		config, err := rest.InClusterConfig()
		if err != nil {
			return nil, &usageError{fmt.Errorf("--kubeconfig: neither this nor --master is given, and the process is no pod: %w", err)}
		}
		return config, nil
	}
	return o.restConfigOf("kubeconfig")
}

// restConfigOf finds the API server that the kubeconfig or the URL names. Errors name the flag of the kubeconfig.
func (o clientOptions) restConfigOf(flag string) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags(string(o.Master), o.Kubeconfig)
	if clientcmd.IsEmptyConfig(err) {
		return nil, &usageError{fmt.Errorf("--%s: %s names no cluster", flag, o.Kubeconfig)}
	}
	if err != nil {
		return nil, &usageError{fmt.Errorf("--%s: %w", flag, err)}
	}
	if err := holdCredentials(config); err != nil {
		return nil, &usageError{err}
	}
	return config, nil
}

// clients makes the clients of one process. Each has its own rate limit, connections and user agent.
type clients struct {
	base    *rest.Config
	options clientOptions
	// observe gets each config before its client is made.
	observe func(*rest.Config)
	watches *manager.Watches
	pods    *manager.PodDecoder
}

// unlimited is for clients whose requests are few by construction: a rate limit would only hold them up.
const unlimited = -1

// eventQPS and eventBurst keep the events of all controllers at ten in any second, also after the API server was slow: each is a
// write that nothing depends on.
const (
	eventQPS   = 8
	eventBurst = 2
)

// config returns a config for one user of the API server.
func (c clients) config(user string) *rest.Config {
	config := rest.CopyConfig(c.base)
	config.UserAgent = fmt.Sprintf("wheelhouse/%s (%s/%s) %s", buildVersion(), goruntime.GOOS, goruntime.GOARCH, user)
	config.QPS, config.Burst = c.options.QPS, c.options.Burst
	config.ContentType = c.options.ContentType
	config.DisableCompression = true // it costs both sides more than the network between an API server and its controllers
	config.AcceptContentTypes = c.options.ContentType + "," + runtime.ContentTypeJSON
	return config
}

// client makes the client of a config, whose connections are given up when they are silent. The guard, if it isn't nil, stands before
// all else: what it refuses is no request.
func (c clients) client(config *rest.Config, silent patience, guard func(*rest.Config)) (kubernetes.Interface, error) {
	c.equip(config, silent)
	if guard != nil {
		guard(config)
	}
	client, err := kubernetes.NewForConfig(config)
	return client, clientError(config, err)
}

// cacheClient makes the client of a config that fills the caches.
func (c clients) cacheClient(config *rest.Config) (kubernetes.Interface, error) {
	c.equip(config, usualPatience())
	client, err := c.pods.NewForConfig(config)
	return client, clientError(config, err)
}

// equip makes a client of the config give up silent connections, and its requests known.
func (c clients) equip(config *rest.Config, silent patience) {
	silent.apply(config)
	c.observe(config)
}

// clientError returns the error with which no client could be made of the config, nil if it is nil.
func clientError(config *rest.Config, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("make client with agent %q: %w", config.UserAgent, err)
}

// managers makes the clients of the manager.
func (c clients) managers(user string) (kubernetes.Interface, error) {
	config := c.config(user)
	switch user {
	case manager.PermissionClient:
		config.QPS = unlimited
	case manager.EventClient:
		config.QPS, config.Burst = eventQPS, eventBurst
	}
	c.watches.Follow(config)
	if user == manager.CacheClient {
		return c.cacheClient(config)
	}
	return c.client(config, usualPatience(), nil)
}
