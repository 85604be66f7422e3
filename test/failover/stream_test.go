package failover

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
	watchtools "k8s.io/client-go/tools/watch"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

const (
	// interval is how far apart new Deployments are: ten a second.
	interval = 100 * time.Millisecond
	// podsEach is how many pods each of them asks for.
	podsEach = 2
	// patience bounds what a busy machine needs for all that a stream has made.
	patience = 2 * time.Minute
)

// stream makes Deployments and notes when the first pod of each is seen: then both controllers have acted.
type stream struct {
	t      *testing.T
	client kubernetes.Interface
	ns     string
	stop   func()

	mu    sync.Mutex
	made  map[string]time.Time          // guarded by mu: when the creation of each Deployment was answered
	acted map[string]time.Time          // guarded by mu: when its first pod was seen
	pods  map[string]map[types.UID]bool // guarded by mu: all that were seen of each
}

func startStream(t *testing.T, client kubernetes.Interface, ns string) *stream {
	t.Helper()
	s := &stream{
		t: t, client: client, ns: ns,
		made: map[string]time.Time{}, acted: map[string]time.Time{}, pods: map[string]map[types.UID]bool{},
	}
	stopWatching := s.watch()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var making sync.WaitGroup
	making.Go(func() { s.make(ctx) })
	s.stop = sync.OnceFunc(func() {
		cancel()
		making.Wait()
	})
	t.Cleanup(func() {
		s.stop()
		stopWatching()
		s.clear()
	})
	return s
}

// clear deletes what the stream has made, while a replica still runs: what is left of one run would be work for the next.
func (s *stream) clear() {
	ctx := context.Background() // the test's has ended
	deleted := false
	cluster.EventuallyWithin(s.t, patience, "all pods to be gone", func() bool {
		if !deleted {
			err := s.client.AppsV1().Deployments(s.ns).DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{})
			if deleted = err == nil; !deleted {
				s.t.Logf("delete deployments: %v", err) // a busy API server may need longer for so many than a request may take
			}
		}
		pods, err := s.client.CoreV1().Pods(s.ns).List(ctx, metav1.ListOptions{Limit: 1})
		return deleted && err == nil && len(pods.Items) == 0
	})
}

func (s *stream) make(ctx context.Context) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for i := 0; ; i++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		name := fmt.Sprintf("web-%04d", i)
		if _, err := s.client.AppsV1().Deployments(s.ns).Create(context.WithoutCancel(ctx), deployment(name), metav1.CreateOptions{}); err != nil {
			s.t.Errorf("create deployment: %v", err)
			return
		}
		s.mu.Lock()
		s.made[name] = time.Now()
		s.mu.Unlock()
	}
}

func deployment(name string) *appsv1.Deployment {
	replicas := int32(podsEach)
	labels := map[string]string{"app": name}
	return &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: appsv1.DeploymentSpec{
			Replicas: &replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: cluster.Pod("").Spec},
		},
	}
}

func (s *stream) watch() (stop func()) {
	list, err := s.client.CoreV1().Pods(s.ns).List(s.t.Context(), metav1.ListOptions{})
	if err != nil {
		s.t.Fatal(err)
	}
	events, err := watchtools.NewRetryWatcherWithContext(context.WithoutCancel(s.t.Context()), list.ResourceVersion, &cache.ListWatch{
		WatchFuncWithContext: func(ctx context.Context, options metav1.ListOptions) (watch.Interface, error) {
			return s.client.CoreV1().Pods(s.ns).Watch(ctx, options)
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for event := range events.ResultChan() {
			if pod, ok := event.Object.(*corev1.Pod); ok {
				s.note(pod)
			}
		}
	}()
	return func() {
		events.Stop()
		<-ended
	}
}

func (s *stream) note(pod *corev1.Pod) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := pod.Labels["app"]
	if s.pods[name] == nil {
		s.pods[name] = map[types.UID]bool{}
		s.acted[name] = time.Now()
	}
	s.pods[name][pod.UID] = true
}

// settle ends the stream and waits until each Deployment has its pods.
func (s *stream) settle() {
	s.t.Helper()
	s.stop()
	cluster.EventuallyWithin(s.t, patience, "pods of all deployments", s.isDone)
	time.Sleep(2 * time.Second) // in which whoever makes too many would
}

// isDone reports whether each Deployment has its pods.
func (s *stream) isDone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name := range s.made {
		if len(s.pods[name]) < podsEach {
			return false
		}
	}
	return true
}

// longest returns how long the one waited that waited the longest, of those made in a span of time.
func (s *stream) longest(from, to time.Time) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	var longest time.Duration
	for name, made := range s.made {
		if made.After(from) && made.Before(to) {
			longest = max(longest, s.acted[name].Sub(made))
		}
	}
	return longest
}

// surplus returns how many pods were made beyond what was asked for.
func (s *stream) surplus() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, pods := range s.pods {
		n += max(0, len(pods)-podsEach)
	}
	return n
}
