package app_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/gorilla/websocket"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/streaming/pkg/httpstream"
	"k8s.io/streaming/pkg/httpstream/spdy"
)

// apiServer has the lease wheelhouse and the pod pod-0, both in kube-system.
type apiServer struct {
	lease      string         // its holder
	mayForward bool           // whether ports of the pod may be forwarded
	webSocket  bool           // whether they are over WebSocket, as well as over SPDY
	behind     string         // what listens there
	forwarded  map[string]int // if it isn't nil, counts requests to forward a port by their method, one at a time
}

// start returns the server's URL.
func (a apiServer) start(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /apis/coordination.k8s.io/v1/namespaces/kube-system/leases/{name}", func(w http.ResponseWriter, r *http.Request) {
		lease := &coordinationv1.Lease{Spec: coordinationv1.LeaseSpec{HolderIdentity: &a.lease}}
		lease.APIVersion, lease.Kind, lease.Name = "coordination.k8s.io/v1", "Lease", "wheelhouse"
		answer(w, r.PathValue("name") == "wheelhouse", lease)
	})
	mux.HandleFunc("GET /api/v1/namespaces/kube-system/pods/{name}", func(w http.ResponseWriter, r *http.Request) {
		pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "pod-0", Namespace: "kube-system"}}
		pod.APIVersion, pod.Kind = "v1", "Pod"
		answer(w, r.PathValue("name") == "pod-0", pod)
	})
	mux.HandleFunc("/api/v1/namespaces/kube-system/pods/pod-0/portforward", a.forward)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func answer(w http.ResponseWriter, found bool, object any) {
	w.Header().Set("Content-Type", "application/json")
	if !found {
		w.WriteHeader(http.StatusNotFound)
		object = metav1.Status{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: "Failure", Reason: metav1.StatusReasonNotFound, Code: 404}
	}
	_ = json.NewEncoder(w).Encode(object) // the test reads it
}

// forward speaks SPDY, and over WebSocket where a is said to: its clients ask with GET.
func (a apiServer) forward(w http.ResponseWriter, r *http.Request) {
	if a.forwarded != nil {
		a.forwarded[r.Method]++
	}
	connect := overSPDY
	if r.Method == http.MethodGet {
		connect = overWebSocket
	}
	if !a.mayForward || r.Method == http.MethodGet && !a.webSocket {
		http.Error(w, "not here", http.StatusForbidden)
		return
	}
	var copying sync.WaitGroup
	failures := make(chan httpstream.Stream, 1) // of the connection whose data come next
	connection := connect(w, r, func(stream httpstream.Stream, _ <-chan struct{}) error {
		if stream.Headers().Get(corev1.StreamType) == corev1.StreamTypeError {
			failures <- stream
		} else {
			copying.Go(func() { a.copy(stream, <-failures) })
		}
		return nil
	})
	if connection == nil {
		return // it has answered
	}
	<-connection.CloseChan()
	copying.Wait()
}

func overSPDY(w http.ResponseWriter, r *http.Request, accept httpstream.NewStreamHandler) httpstream.Connection {
	if _, err := httpstream.Handshake(r, w, []string{portforward.PortForwardProtocolV1Name}); err != nil {
		return nil
	}
	return spdy.NewResponseUpgrader().UpgradeResponse(w, r, accept)
}

// overWebSocket carries SPDY in messages of a WebSocket.
func overWebSocket(w http.ResponseWriter, r *http.Request, accept httpstream.NewStreamHandler) httpstream.Connection {
	upgrader := websocket.Upgrader{Subprotocols: []string{"SPDY/3.1+" + portforward.PortForwardProtocolV1Name}}
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return nil
	}
	connection, err := spdy.NewServerConnection(portforward.NewTunnelingConnection("test", socket), accept)
	if err != nil {
		return nil
	}
	return connection
}

// copy lets the stream talk to what listens behind the port, or says what goes wrong, as a kubelet does.
func (a apiServer) copy(stream, failure httpstream.Stream) {
	defer failure.Close()
	to, err := net.Dial("tcp", a.behind)
	if err != nil {
		_, _ = io.WriteString(failure, err.Error()) // the test reads it
		_ = stream.Reset()                          // what it brings is for nobody
		return
	}
	defer stream.Close()
	defer to.Close()
	go func() { _, _ = io.Copy(to, stream) }() // ends with the connection
	_, _ = io.Copy(stream, to)                 // ends when the answer has
}
