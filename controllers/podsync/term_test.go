package podsync

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	corelisters "k8s.io/client-go/listers/core/v1"
)

func TestStandbyCountsAndKeepsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, DefaultOptions(), newPod(created(-100), running(-90)))
		for n := range 50 {
			passing := newPod(named(fmt.Sprint("passing-", n)))
			w.create(passing)
			w.remove(passing)
		}
		if diff := cmp.Diff(map[string]float64{}, w.metrics()); diff != "" {
			t.Errorf("metrics that are not 0 (-want +got)\n%s", diff)
		}
		if n := w.controller.(*controller).worker.Len(); n != 0 {
			t.Errorf("%d keys wait for a term that may never come", n)
		}
		if got := w.logged(); got != nil {
			t.Errorf("a standby logs %q", got)
		}
	})
}

func TestTermsAreCountedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, DefaultOptions())
		end := w.term()
		w.create(newPod(created(1)))
		w.update(newPod(created(1), onNode(2), running(3), isReady(4), restarts(2)))
		end()

		totals := map[string]float64{
			"container_restarts_total":  2,
			"time_to_scheduled_seconds": 1, "time_to_started_seconds": 1, "time_to_ready_seconds": 1,
		}
		if diff := cmp.Diff(totals, w.metrics()); diff != "" {
			t.Errorf("metrics that are not 0 after the term (-want +got)\n%s", diff)
		}
		w.logged()

		time.Sleep(10 * time.Second)
		w.update(newPod(created(1), onNode(2), running(3), isReady(4), restarts(5)))
		defer w.term()()
		totals["pods{Running}"] = 1
		if diff := cmp.Diff(totals, w.metrics()); diff != "" {
			t.Errorf("metrics that are not 0 in the next term (-want +got)\n%s", diff)
		}
		want := []string{
			"info observing pods pods=1",
			"debug pod observed key=shop/web phase=Running ready=1/1 restarts=5 node=node-1",
		}
		if diff := cmp.Diff(want, w.logged()); diff != "" {
			t.Errorf("log of the next term (-want +got)\n%s", diff)
		}
	})
}

// The API server cuts a pod's timestamp down to the second in which the term began.
func TestPodOfTheTermsFirstSecondIsNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, DefaultOptions())
		time.Sleep(900 * time.Millisecond)
		defer w.term()()
		w.create(newPod(created(0), onNode(0)))
		if got := w.metrics()["time_to_scheduled_seconds"]; got != 1 {
			t.Errorf("%v pods timed, want 1", got)
		}
	})
}

func TestStartWithManyPodsIsQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pods []runtime.Object
		for n := range 1000 {
			pods = append(pods, newPod(named(fmt.Sprint("web-", n)), created(-100), running(-90)))
		}
		w := newWorld(t, DefaultOptions(), pods...)
		defer w.term()()
		var loud []string
		for _, text := range w.logged() {
			if text[:len("debug")] != "debug" {
				loud = append(loud, text)
			}
		}
		if diff := cmp.Diff([]string{"info observing pods pods=1000"}, loud); diff != "" {
			t.Errorf("log above debug level (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(map[string]float64{"pods{Running}": 1000}, w.metrics()); diff != "" {
			t.Errorf("metrics that are not 0 (-want +got)\n%s", diff)
		}
	})
}

// failingLister lists pods and finds none of them.
type failingLister struct {
	corelisters.PodLister
	reads int
}

func (f *failingLister) Pods(string) corelisters.PodNamespaceLister {
	return &failingNamespace{f.PodLister.Pods(corev1.NamespaceAll), f}
}

type failingNamespace struct {
	corelisters.PodNamespaceLister
	lister *failingLister
}

func (f *failingNamespace) Get(string) (*corev1.Pod, error) {
	f.lister.reads++
	return nil, errors.New("cache is broken")
}

func TestFailingPodIsDroppedAfterFiveRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, DefaultOptions(), newPod())
		c := w.controller.(*controller)
		broken := &failingLister{PodLister: c.pods}
		c.pods = broken
		defer w.term()()
		time.Sleep(time.Hour)
		synctest.Wait()
		if want := 1 + 5; broken.reads != want {
			t.Errorf("tried %d times, want %d", broken.reads, want)
		}
		got := w.logged()
		want := "error dropped after too many failed retries key=shop/web error=get pod shop/web: cache is broken retries=5"
		if diff := cmp.Diff(want, got[len(got)-1]); diff != "" {
			t.Errorf("last line (-want +got)\n%s", diff)
		}
	})
}
