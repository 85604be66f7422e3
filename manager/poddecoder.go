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
	cut     func(into, encoded []byte) ([]byte, bool) // nil if whole pods are wanted
	exact   bool                                      // cut leaves nothing that isn't wanted
	buffers sync.Pool                                 // of *[]byte
	// mark is what fresh pods have for managedFields, which are never kept.
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
	// By this, which no pod has, client-go sees that a watch has brought all that was there.
	fields = append(slices.Clone(fields), "metadata.annotations["+metav1.InitialEventsAnnotationKey+"]")
	d.cut, d.exact, err = fields.Cutter()
	return err
}

// isFresh reports whether the pod comes from the decoder as it is to be kept, and nobody else has it yet.
func (d *PodDecoder) isFresh(pod *corev1.Pod) bool {
	return d != nil && len(pod.ManagedFields) == 1 && &pod.ManagedFields[0] == &d.mark[0]
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
	if d.exact {
		pod.ManagedFields = d.mark[:]
	}
	return pod, err == nil
}
