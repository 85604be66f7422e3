package podsync

import (
	"fmt"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	corev1 "k8s.io/api/core/v1"
)

// state is what a sync goes by.
type state struct {
	before    observation // of the last sync
	pod       *corev1.Pod // nil if there is none of that name
	selected  bool        // whether the pod is one to observe
	termStart time.Time   // in whole seconds
}

// actions are what follows from a state.
type actions struct {
	after        observation // what to remember; its zero value stands for nothing
	lines        []line
	times        []timing
	restarts     int64         // of containers, since the last sync
	requeueAfter time.Duration // when the pod counts as stuck if nothing happens until then; 0 for never
}

// line is a line of the log, but for the pod's key.
type line struct {
	level   zapcore.Level
	message string
	fields  []zap.Field
}

// plan says what to log, to measure and to remember of a pod.
//
// What a pod already had when the process first saw it is measured only if the pod was created in this term. Otherwise it
// happened before, and another process, or this one in an earlier term, has measured it. A pod of the second in which the term
// began is taken for one of the term.
func plan(s state, now time.Time) actions {
	var a actions
	before := s.before
	if s.pod == nil || before.seen && before.uid != s.pod.UID {
		a.gone(before)
		before = observation{}
	}
	switch {
	case s.pod == nil:
	case !s.selected:
		a.leave(before)
	default:
		a.sync(before, s, now)
	}
	return a
}

// gone logs that the pod is gone. What has never been seen may have been logged already: the events of a pod's end may bring its key
// back once more.
func (a *actions) gone(before observation) {
	switch {
	case before.selected:
		a.log(zapcore.InfoLevel, "pod does not exist anymore")
	case !before.seen:
		a.log(zapcore.DebugLevel, "pod does not exist anymore")
	}
}

// leave goes on remembering a pod that is no longer selected, but neither counts nor logs it.
func (a *actions) leave(before observation) {
	if before.selected {
		a.log(zapcore.DebugLevel, "pod is no longer selected")
	}
	a.after = before
	a.after.selected = false
}

func (a *actions) sync(before observation, s state, now time.Time) {
	after := observe(s.pod, now)
	isNew := !before.seen && !s.pod.CreationTimestamp.Time.Before(s.termStart)
	a.times = takeTimes(before, &after, s.pod, isNew)
	if before.selected || isNew {
		a.restarts = max(0, after.restarts-before.restarts)
	}
	if after.deleting {
		a.requeueAfter = max(0, untilStuck(s.pod, now))
	}
	a.after = after
	a.describe(before, s.pod, isNew)
}

// describe logs what is new. The pods that are there when a term begins are worth no more than debug level, or each term
// would begin with a flood.
func (a *actions) describe(before observation, pod *corev1.Pod, isNew bool) {
	switch {
	case isNew:
		a.log(zapcore.InfoLevel, "pod created", fieldsOf(a.after, pod)...)
	case !before.selected:
		a.log(zapcore.DebugLevel, "pod observed", fieldsOf(a.after, pod)...)
	default:
		if changes, level := compare(before, a.after); len(changes) > 0 {
			a.log(level, "pod changed", append(fieldsOf(a.after, pod), zap.Strings("changes", changes))...)
		}
	}
}

func (a *actions) log(level zapcore.Level, message string, fields ...zap.Field) {
	a.lines = append(a.lines, line{level, message, fields})
}

func fieldsOf(o observation, pod *corev1.Pod) []zap.Field {
	fields := []zap.Field{
		zap.String("phase", string(o.phase)),
		zap.String("ready", o.readiness()),
		zap.Int64("restarts", o.restarts),
		zap.String("node", pod.Spec.NodeName),
	}
	if o.reason != "" {
		fields = append(fields, zap.String("reason", o.reason))
	}
	return fields
}

// readiness is the READY column of kubectl.
func (o observation) readiness() string {
	return fmt.Sprintf("%d/%d", o.readyContainers, o.containers)
}
