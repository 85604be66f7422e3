package manager

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/record"
)

// eventSender sends the events of all controllers, through a client of its own: they must not use up what the controllers' own
// requests are limited to.
type eventSender struct {
	broadcaster record.EventBroadcaster
	client      kubernetes.Interface
}

func newEventSender(client kubernetes.Interface) *eventSender {
	return &eventSender{broadcaster: record.NewBroadcaster(), client: client}
}

// recorder returns a recorder whose events come from "<controller>-controller", the name by which users of
// kube-controller-manager know them.
func (e *eventSender) recorder(controller string) record.EventRecorder {
	source := strings.TrimSuffix(controller, "-controller") + "-controller"
	return e.broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: source})
}

// start begins to send. What was recorded before is lost: no controller has worked before.
func (e *eventSender) start() {
	e.broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: e.client.CoreV1().Events("")})
}

func (e *eventSender) stop() {
	e.broadcaster.Shutdown()
}
