package manager

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/6ead2ce0/wheelhouse/controllers"
)

// mustEncode returns the object as an API server sends it.
func mustEncode(t testing.TB, object runtime.Object, contentType string) []byte {
	t.Helper()
	info, _ := runtime.SerializerInfoForMediaType(scheme.Codecs.SupportedMediaTypes(), contentType)
	data, err := runtime.Encode(scheme.Codecs.EncoderForVersion(info.Serializer, corev1.SchemeGroupVersion), object)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestPodsFromTheDecoderAreCachedAsThoseThatAreCopied compares them with those that were decoded whole.
func TestPodsFromTheDecoderAreCachedAsThoseThatAreCopied(t *testing.T) {
	for _, tc := range []struct {
		name   string
		fields controllers.PodFields
		fresh  bool
	}{
		{"of all replicas", declared()["replicas"], true},
		{"of all controllers", declared()["replicas+podsync"], true},
		{"whole", nil, false},
		{"items for two reasons", controllers.PodFields{"spec.containers.name", "spec.containers[app].image"}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := slimmerFor(t, tc.fields)
			decoder := decoderFor(t, s, tc.fields)
			sent := realPod(3)
			want := mustSlim(t, slimmerFor(t, tc.fields), sent)
			decoded := mustDecode(t, decoder, mustEncode(t, sent, runtime.ContentTypeProtobuf))
			got := mustSlim(t, s, decoded)
			if fresh := got == decoded; fresh != tc.fresh {
				t.Errorf("the pod is cached as it was decoded: %v, want %v", fresh, tc.fresh)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("cached (-want +got)\n%s", diff)
			}
			orphan := *got.(*corev1.Pod)
			orphan.OwnerReferences = nil
			if mustSlim(t, s, &orphan) == &orphan {
				t.Error("a pod that comes by again is taken for a fresh one")
			}
		})
	}
}

func TestListsOfFreshPodsHaveNoRoomForMore(t *testing.T) {
	fields := controllers.PodFields{"spec.volumes.name", "status.containerStatuses.restartCount", "status.podIPs"}
	s := slimmerFor(t, fields)
	decoder := decoderFor(t, s, fields)
	sent := &corev1.Pod{Spec: corev1.PodSpec{Volumes: make([]corev1.Volume, 3)}}
	sent.Status.ContainerStatuses, sent.Status.PodIPs = make([]corev1.ContainerStatus, 3), make([]corev1.PodIP, 3)
	pod := mustSlim(t, s, mustDecode(t, decoder, mustEncode(t, sent, runtime.ContentTypeProtobuf))).(*corev1.Pod)
	got := []int{cap(pod.Spec.Volumes), cap(pod.Status.ContainerStatuses), cap(pod.Status.PodIPs)}
	if diff := cmp.Diff([]int{3, 3, 3}, got); diff != "" {
		t.Errorf("room in lists of three (-want +got)\n%s", diff)
	}
}

// TestWhatIsNoPodIsLeftToOthers tries what begins as a pod does, and what is broken off anywhere.
func TestWhatIsNoPodIsLeftToOthers(t *testing.T) {
	decoder := NewPodDecoder()
	if err := decoder.keep(controllers.PodFields{"spec.nodeName"}); err != nil {
		t.Fatal(err)
	}
	whole := mustEncode(t, realPod(1), runtime.ContentTypeProtobuf)
	if _, ok := decoder.decode(whole); !ok {
		t.Fatal("a pod isn't taken for one")
	}
	trailer := len("\x1a\x00\x22\x00") // what else an envelope has, and may lack
	for length := range len(whole) - trailer {
		if _, ok := decoder.decode(whole[:length]); ok {
			t.Fatalf("%d bytes of %d are taken for a pod", length, len(whole))
		}
	}
	for _, object := range []runtime.Object{&corev1.PodTemplate{}, &corev1.PodList{}, &corev1.Node{}} {
		if _, ok := decoder.decode(mustEncode(t, object, runtime.ContentTypeProtobuf)); ok {
			t.Errorf("a %T is taken for a pod", object)
		}
	}
}
