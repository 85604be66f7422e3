package manager

import (
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// PodDecoder decodes of the pods that watches bring only what the controllers read of them, if they come as protocol buffers: most of a
// pod is dropped before it takes time and memory. All else is decoded as ever.
type PodDecoder struct {
	cutter  *controllers.PodCutter // nil if whole pods are wanted
	buffers sync.Pool              // of *[]byte
	// mark is the memory of the managedFields of pods that have no field but those to keep. isFresh knows them by it, and slim takes it away.
	mark [1]metav1.ManagedFieldsEntry
}

// NewPodDecoder returns a PodDecoder that decodes whole pods until a Manager has told it what its controllers read.
func NewPodDecoder() *PodDecoder {
	return &PodDecoder{}
}

// keep sets what to keep of pods. It is called before the first pod comes.
func (d *PodDecoder) keep(fields controllers.PodFields) (err error) {
	if fields == nil {
		return nil
	}
	// The bookmark that ends an initial list is an empty pod with this annotation.
	fields = append(slices.Clone(fields), "metadata.annotations["+metav1.InitialEventsAnnotationKey+"]")
	d.cutter, err = fields.Cutter()
	return err
}

// isFresh reports whether the pod comes from the decoder as it is to be kept, and nobody else has it yet.
func (d *PodDecoder) isFresh(pod *corev1.Pod) bool {
	return d != nil && len(pod.ManagedFields) == 1 && &pod.ManagedFields[0] == &d.mark[0]
}

// cuttingDecoder decodes pods by way of the PodDecoder when its caller gives no object to fill, as watches do.
type cuttingDecoder struct {
	runtime.Decoder
	pods *PodDecoder
}

// Decode leaves to the other decoder what can't be read, so that it says why.
func (d cuttingDecoder) Decode(data []byte, defaults *schema.GroupVersionKind, into runtime.Object) (runtime.Object, *schema.GroupVersionKind, error) {
	if into == nil && d.pods.cutter != nil {
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
	if *buffer, ok = d.cutter.Cut((*buffer)[:0], encoded); !ok {
		return nil, false
	}
	pod := &corev1.Pod{}
	err := pod.Unmarshal(*buffer)
	if d.cutter.Exact() {
		pod.ManagedFields = d.mark[:]
	}
	return pod, err == nil
}
