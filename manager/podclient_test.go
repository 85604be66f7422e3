package manager

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

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

// encodeEvents returns the events as a watch brings them in this type of content.
func encodeEvents(t *testing.T, contentType string, events ...watch.Event) []byte {
	t.Helper()
	var body bytes.Buffer
	info, _ := runtime.SerializerInfoForMediaType(scheme.Codecs.SupportedMediaTypes(), contentType)
	frames := streaming.NewEncoder(info.StreamSerializer.NewFrameWriter(&body), info.StreamSerializer.Serializer)
	for _, e := range events {
		event := &metav1.WatchEvent{Type: string(e.Type), Object: runtime.RawExtension{Raw: mustEncode(t, e.Object, contentType)}}
		if err := frames.Encode(event); err != nil {
			t.Fatal(err)
		}
	}
	return body.Bytes()
}

// watchServer serves each watch these events, in the type of content that it asks for.
func watchServer(t *testing.T, contentType string, events ...watch.Event) *httptest.Server {
	body := encodeEvents(t, contentType, events...)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Accept"), contentType) {
			t.Errorf("%s accepts %q, want %s", r.URL.Path, r.Header.Get("Accept"), contentType)
		}
		w.Header().Set("Content-Type", contentType+";stream=watch")
		_, _ = w.Write(body)
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
			if diff := cmp.Diff(want, got, sameFields()); diff != "" {
				t.Errorf("events (-want +got)\n%s", diff)
			}
		})
	}
}

// wire is a connection to an API server that answers with a watch, whatever it is asked.
type wire struct {
	net.Conn
	asked  sync.Once
	events [][]byte // that the watch brings, one every millisecond
	pieces chan []byte
	come   []byte // and not read yet
	reads  int
}

// Write begins the answer: a client doesn't like one before it has asked.
func (w *wire) Write(request []byte) (int, error) {
	w.asked.Do(func() { go w.serve() })
	return len(request), nil
}

func (w *wire) Close() error { return nil }

// Read waits for a piece, and takes all that have come.
func (w *wire) Read(into []byte) (int, error) {
	w.reads++
	for len(w.come) == 0 || len(w.pieces) > 0 {
		piece, open := <-w.pieces
		if !open {
			return 0, io.EOF
		}
		w.come = append(w.come, piece...)
	}
	n := copy(into, w.come)
	w.come = w.come[n:]
	return n, nil
}

func (w *wire) serve() {
	defer close(w.pieces)
	w.pieces <- []byte("HTTP/1.1 200 OK\r\nContent-Type: " + runtime.ContentTypeJSON + ";stream=watch\r\n\r\n")
	for _, event := range w.events {
		w.pieces <- event
		time.Sleep(time.Millisecond)
	}
}

func TestWatchesAreReadNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pods = 1000
		events := make([][]byte, pods)
		for i := range events {
			pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: strconv.Itoa(i)}}
			events[i] = encodeEvents(t, runtime.ContentTypeJSON, watch.Event{Type: watch.Added, Object: pod})
		}
		w := &wire{events: events, pieces: make(chan []byte, pods)}
		client, err := NewPodDecoder().NewForConfig(&rest.Config{
			Host: "http://api.example.test", Dial: func(context.Context, string, string) (net.Conn, error) { return w, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		watched, err := client.CoreV1().Pods("").Watch(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		brought := 0
		for event := range watched.ResultChan() {
			if name := event.Object.(*corev1.Pod).Name; name != strconv.Itoa(brought) {
				t.Fatalf("the watch brings %q, want %d", name, brought)
			}
			brought++
		}
		if brought != pods {
			t.Errorf("the watch brought %d pods, want %d", brought, pods)
		}
		if most := 1 + drainBurst + drainRate + 1; w.reads > most { // in a second, and the end
			t.Errorf("the connection was read %d times, want at most %d", w.reads, most)
		}
	})
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

func TestPodsThatAreAskedForAreWhole(t *testing.T) {
	pod := realPod(1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var answer runtime.Object = pod
		if strings.HasSuffix(r.URL.Path, "/pods") {
			answer = &corev1.PodList{Items: []corev1.Pod{*pod}}
		}
		w.Header().Set("Content-Type", runtime.ContentTypeProtobuf)
		_, _ = w.Write(mustEncode(t, answer, runtime.ContentTypeProtobuf))
	}))
	defer server.Close()
	pods := decodingClient(t, server, runtime.ContentTypeProtobuf, controllers.PodFields{}).CoreV1().Pods("")
	got, err := pods.Get(t.Context(), pod.Name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	list, err := pods.List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]corev1.Pod{*pod, *pod}, append(list.Items, *got), sameFields()); diff != "" {
		t.Errorf("pods (-want +got)\n%s", diff)
	}
}

func TestPodsShareTheRateLimitOfTheClient(t *testing.T) {
	for _, qps := range []float32{20, -1} {
		client, err := NewPodDecoder().NewForConfig(&rest.Config{Host: "https://a.example.test", QPS: qps, Burst: 30})
		if err != nil {
			t.Fatal(err)
		}
		pods, others := client.CoreV1().RESTClient().GetRateLimiter(), client.AppsV1().RESTClient().GetRateLimiter()
		if pods != others || (pods != nil) != (qps > 0) {
			t.Errorf("at %v requests a second pods have the limiter %v, others %v", qps, pods, others)
		}
	}
}

// sameFields compares managedFields, which cmp can't look into.
func sameFields() cmp.Option {
	return cmp.Comparer(func(a, b metav1.FieldsV1) bool { return a.GetRawString() == b.GetRawString() })
}
