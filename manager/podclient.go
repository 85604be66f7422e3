package manager

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
)

// podClient is a client with another way to get at pods, and at all that is of their API group.
type podClient struct {
	kubernetes.Interface
	core corev1client.CoreV1Interface
}

func (c podClient) CoreV1() corev1client.CoreV1Interface { return c.core }

// NewForConfig returns a client to fill caches with: watches bring pods by way of the decoder, which may lack fields, and have a mark for
// managedFields. Client-go's own client of an API group can't be given a decoder, so that of pods has another one, which shares the connection
// with the rest, and the rate limit that the config sets. While much comes, it gathers for up to 40 ms before it is read. The config names a
// user agent.
func (d *PodDecoder) NewForConfig(config *rest.Config) (kubernetes.Interface, error) {
	config = rest.CopyConfig(config)
	coalesce(config)
	connection, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfigAndClient(config, connection)
	if err != nil {
		return nil, err
	}
	core := rest.CopyConfig(config)
	core.APIPath, core.GroupVersion = "/api", &corev1.SchemeGroupVersion
	core.NegotiatedSerializer = podSerializer{rest.CodecFactoryForGeneratedClient(scheme.Scheme, scheme.Codecs).WithoutConversion(), d}
	core.RateLimiter = client.CoreV1().RESTClient().GetRateLimiter()
	pods, err := rest.RESTClientForConfigAndClient(core, connection)
	if err != nil {
		return nil, err
	}
	return podClient{client, corev1client.New(pods)}, nil
}

type podSerializer struct {
	runtime.NegotiatedSerializer
	pods *PodDecoder
}

func (s podSerializer) DecoderToVersion(d runtime.Decoder, version runtime.GroupVersioner) runtime.Decoder {
	return s.NegotiatedSerializer.DecoderToVersion(cuttingDecoder{d, s.pods}, version)
}
