package install

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// pace is how far apart new Deployments are.
const pace = 100 * time.Millisecond

// stream makes Deployments, and notes how long each waits for its first pod: by then both controllers have acted.
type stream struct {
	t      *testing.T
	client kubernetes.Interface
	ns     string

	mu    sync.Mutex
	made  map[string]time.Time // guarded by mu
	acted map[string]time.Time // guarded by mu
}

// startStream returns a stream, and what stops it and returns how long each Deployment waited.
func startStream(t *testing.T, client kubernetes.Interface) (stop func() []time.Duration) {
	t.Helper()
	s := &stream{t: t, client: client, ns: cluster.Namespace(t, client), made: map[string]time.Time{}, acted: map[string]time.Time{}}
	ctx, cancel := context.WithCancel(t.Context())
	watching, stopWatching := context.WithCancel(t.Context())
	var both sync.WaitGroup
	both.Go(func() { s.watch(watching) })
	making := make(chan struct{})
	go func() {
		defer close(making)
		s.make(ctx)
	}()
	return func() []time.Duration {
		cancel()
		<-making
		cluster.Eventually(t, "a pod of each Deployment", func() bool { return len(s.waits()) == s.count() })
		stopWatching()
		both.Wait()
		return s.waits()
	}
}

func (s *stream) make(ctx context.Context) {
	tick := time.NewTicker(pace)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		name := fmt.Sprintf("web-%04d", i)
		s.mu.Lock()
		s.made[name] = time.Now()
		s.mu.Unlock()
		if _, err := s.client.AppsV1().Deployments(s.ns).Create(context.WithoutCancel(ctx), deployment(name, 1), metav1.CreateOptions{}); err != nil {
			s.t.Errorf("create deployment: %v", err)
			return
		}
	}
}

func (s *stream) watch(ctx context.Context) {
	events, err := s.client.CoreV1().Pods(s.ns).Watch(ctx, metav1.ListOptions{})
	if err != nil {
		s.t.Errorf("watch pods: %v", err)
		return
	}
	defer events.Stop()
	for event := range events.ResultChan() {
		pod, ok := event.Object.(*corev1.Pod)
		if !ok {
			continue
		}
		s.mu.Lock()
		if _, known := s.acted[pod.Labels["app"]]; !known {
			s.acted[pod.Labels["app"]] = time.Now()
		}
		s.mu.Unlock()
	}
}

func (s *stream) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.made)
}

// waits returns how long those waited that have a pod.
func (s *stream) waits() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []time.Duration
	for name, made := range s.made {
		if acted, ok := s.acted[name]; ok {
			list = append(list, acted.Sub(made))
		}
	}
	return list
}
