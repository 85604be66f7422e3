package manager

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/streaming"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

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

// watchServer serves each watch these events, in the type of content that it asks for.
func watchServer(t *testing.T, contentType string, events ...watch.Event) *httptest.Server {
	var body bytes.Buffer
	info, _ := runtime.SerializerInfoForMediaType(scheme.Codecs.SupportedMediaTypes(), contentType)
	frames := streaming.NewEncoder(info.StreamSerializer.NewFrameWriter(&body), info.StreamSerializer.Serializer)
	for _, e := range events {
		event := &metav1.WatchEvent{Type: string(e.Type), Object: runtime.RawExtension{Raw: mustEncode(t, e.Object, contentType)}}
		if err := frames.Encode(event); err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Accept"), contentType) {
			t.Errorf("%s accepts %q, want %s", r.URL.Path, r.Header.Get("Accept"), contentType)
		}
		w.Header().Set("Content-Type", contentType+";stream=watch")
		_, _ = w.Write(body.Bytes())
	}))
	t.Cleanup(server.Close)
	return server
}

// decodingClient returns a client of the server that decodes of pods these fields.
func decodingClient(t *testing.T, server *httptest.Server, contentType string, fields controllers.PodFields) kubernetes.Interface {
	t.Helper()
	decoder := NewPodDecoder()
	client, err := decoder.NewForConfig(&rest.Config{Host: server.URL, ContentConfig: rest.ContentConfig{ContentType: contentType, AcceptContentTypes: contentType}})
	if err != nil {
		t.Fatal(err)
	}
	if err := decoder.keep(fields); err != nil {
		t.Fatal(err)
	}
	return client
}

func TestWatchesBringOfPodsWhatIsKept(t *testing.T) {
	pod := realPod(7)
	bookmark := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{ResourceVersion: "9", Annotations: map[string]string{metav1.InitialEventsAnnotationKey: "true"}}}
	marked := make([]metav1.ManagedFieldsEntry, 1) // as the decoder does with what it has made
	kept := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Namespace: pod.Namespace, Name: pod.Name, UID: pod.UID, ResourceVersion: pod.ResourceVersion, OwnerReferences: pod.OwnerReferences,
		ManagedFields: marked,
	}}
	kept.Spec.NodeName = pod.Spec.NodeName
	markedBookmark := bookmark.DeepCopy()
	markedBookmark.ManagedFields = marked
	for _, tc := range []struct {
		name, contentType string
		fields            controllers.PodFields
		pod, bookmark     *corev1.Pod
	}{
		{"declared", runtime.ContentTypeProtobuf, controllers.PodFields{"spec.nodeName"}, kept, markedBookmark},
		{"whole", runtime.ContentTypeProtobuf, nil, pod, bookmark},
		{"in JSON", runtime.ContentTypeJSON, controllers.PodFields{"spec.nodeName"}, pod, bookmark},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := watchServer(t, tc.contentType, watch.Event{Type: watch.Added, Object: pod}, watch.Event{Type: watch.Bookmark, Object: bookmark})
			watched, err := decodingClient(t, server, tc.contentType, tc.fields).CoreV1().Pods("").Watch(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			defer watched.Stop()
			var got []watch.Event
			for event := range watched.ResultChan() {
				got = append(got, event)
			}
			want := []watch.Event{{Type: watch.Added, Object: tc.pod}, {Type: watch.Bookmark, Object: tc.bookmark}}
			if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b metav1.FieldsV1) bool { return a.GetRawString() == b.GetRawString() })); diff != "" {
				t.Errorf("events (-want +got)\n%s", diff)
			}
		})
	}
}

// TestPodsFromTheDecoderAreCachedAsTheyAre compares them with those that are copied.
func TestPodsFromTheDecoderAreCachedAsTheyAre(t *testing.T) {
	for name, fields := range declared() {
		if fields == nil {
			continue // they don't come from the decoder
		}
		t.Run(name, func(t *testing.T) {
			s := slimmerFor(t, fields)
			decoder := decoderFor(t, s, fields)
			sent := realPod(3)
			want := mustSlim(t, slimmerFor(t, fields), sent)
			fresh := mustDecode(t, decoder, mustEncode(t, sent, runtime.ContentTypeProtobuf))
			got := mustSlim(t, s, fresh)
			if got != fresh {
				t.Error("a fresh pod was copied")
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

func TestOtherObjectsAreDecodedWhole(t *testing.T) {
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "a", Annotations: map[string]string{"b": "c"}}, Data: map[string][]byte{"d": []byte("e")}}
	server := watchServer(t, runtime.ContentTypeProtobuf, watch.Event{Type: watch.Modified, Object: secret})
	client := decodingClient(t, server, runtime.ContentTypeProtobuf, controllers.PodFields{})
	watched, err := client.CoreV1().Secrets("").Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer watched.Stop()
	if diff := cmp.Diff(watch.Event{Type: watch.Modified, Object: secret}, <-watched.ResultChan()); diff != "" {
		t.Errorf("event (-want +got)\n%s", diff)
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
