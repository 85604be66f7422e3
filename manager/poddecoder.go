package manager

import (
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// PodDecoder decodes of pods only what the controllers read of them, if they are sent as protocol buffers: most of a pod is dropped
// before it takes time and memory. All else is decoded as ever. Its methods can be called at once, once it is known what to keep.
type PodDecoder struct {
	cut     func(into, encoded []byte) ([]byte, bool)
	buffers sync.Pool // of *[]byte
	// mark is what its pods have for managedFields, which are never kept.
	mark [1]metav1.ManagedFieldsEntry
}

// NewPodDecoder returns a PodDecoder that decodes whole pods.
func NewPodDecoder() *PodDecoder {
	return &PodDecoder{}
}

// NewForConfig returns a client that gets pods by way of the decoder.
func (d *PodDecoder) NewForConfig(config *rest.Config) (kubernetes.Interface, error) {
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

// keep sets what to keep of pods. It is called before the first pod comes.
func (d *PodDecoder) keep(fields controllers.PodFields) (err error) {
	if fields == nil {
		return nil
	}
	// By this client-go sees that a watch has brought all that was there.
	fields = append(slices.Clone(fields), "metadata.annotations["+metav1.InitialEventsAnnotationKey+"]")
	d.cut, err = fields.Cutter()
	return err
}

// made reports whether the pod comes from the decoder as it is: then it has nothing but what is to be kept, and nobody else has it yet.
func (d *PodDecoder) made(pod *corev1.Pod) bool {
	return d != nil && len(pod.ManagedFields) == 1 && &pod.ManagedFields[0] == &d.mark[0]
}

// podClient is a client with another way to get at pods.
type podClient struct {
	kubernetes.Interface
	core corev1client.CoreV1Interface
}

func (c podClient) CoreV1() corev1client.CoreV1Interface { return c.core }

type podSerializer struct {
	runtime.NegotiatedSerializer
	pods *PodDecoder
}

func (s podSerializer) DecoderToVersion(d runtime.Decoder, version runtime.GroupVersioner) runtime.Decoder {
	return s.NegotiatedSerializer.DecoderToVersion(cuttingDecoder{d, s.pods}, version)
}

// cuttingDecoder decodes the pods of watches, for which nobody has a place yet, by way of the PodDecoder.
type cuttingDecoder struct {
	runtime.Decoder
	pods *PodDecoder
}

// Decode leaves to the other decoder what can't be read, so that it says why.
func (d cuttingDecoder) Decode(data []byte, defaults *schema.GroupVersionKind, into runtime.Object) (runtime.Object, *schema.GroupVersionKind, error) {
	if into == nil && d.pods.cut != nil {
		if pod, ok := d.pods.decode(data); ok {
			kind := podKind()
			return pod, &kind, nil
		}
	}
	return d.Decoder.Decode(data, defaults, into)
}

func (d *PodDecoder) decode(data []byte) (*corev1.Pod, bool) {
	encoded, ok := encodedPod(data)
	if !ok {
		return nil, false
	}
	buffer, _ := d.buffers.Get().(*[]byte)
	if buffer == nil {
		buffer = new([]byte)
	}
	defer d.buffers.Put(buffer) // a decoded pod shares no memory with it
	if *buffer, ok = d.cut((*buffer)[:0], encoded); !ok {
		return nil, false
	}
	pod := &corev1.Pod{}
	err := pod.Unmarshal(*buffer)
	pod.ManagedFields = d.mark[:]
	return pod, err == nil
}
