package podsync

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
)

// churn changes pods of its own at random, as an informer would: the store first, then the handler.
type churn struct {
	random  *rand.Rand
	prefix  string
	pods    int
	store   cache.Store
	handler cache.ResourceEventHandler
	uids    int
}

func (c *churn) run(steps int) error {
	for range steps {
		if err := c.step(fmt.Sprintf("%s-%d", c.prefix, c.random.IntN(c.pods))); err != nil {
			return err
		}
	}
	return nil
}

func (c *churn) step(name string) error {
	old, exists, err := c.store.GetByKey("shop/" + name)
	if err != nil {
		return err
	}
	if exists && c.random.IntN(4) == 0 {
		err = c.store.Delete(old)
		c.handler.OnDelete(old)
		return err
	}
	pod := c.pod(name)
	if !exists {
		c.uids++
		pod.UID = types.UID(fmt.Sprint(c.uids))
		err = c.store.Add(pod)
		c.handler.OnAdd(pod, false)
		return err
	}
	if pod.UID = old.(*corev1.Pod).UID; c.random.IntN(8) == 0 { // the pod was deleted and created again while no watch was open
		c.uids++
		pod.UID = types.UID(fmt.Sprint(c.uids))
	}
	err = c.store.Update(pod)
	c.handler.OnUpdate(old, pod)
	return err
}

func (c *churn) pod(name string) *corev1.Pod {
	options := []option{
		named(name),
		labelled([]string{"web", "web", "web", "db"}[c.random.IntN(4)]),
		phase(phases[c.random.IntN(len(phases))]),
		waiting(reasons[c.random.IntN(len(reasons))]),
		restarts(c.random.Int32N(5)),
	}
	if c.random.IntN(4) == 0 {
		options = append(options, deleted(c.random.IntN(100)))
	}
	pod := newPod(options...)
	pod.ResourceVersion = fmt.Sprint(c.random.Int64())
	return pod
}

// expectedGauges counts the pods of the store that are selected, one by one.
func expectedGauges(pods []any, now time.Time) map[string]float64 {
	want := map[string]float64{}
	for _, obj := range pods {
		pod := obj.(*corev1.Pod)
		if pod.Labels["tier"] != "web" {
			continue
		}
		want[fmt.Sprintf("pods{%s}", pod.Status.Phase)]++
		if reason := stuckOn(reasonOf(pod, now)); reason != "" {
			want[fmt.Sprintf("stuck_pods{%s}", reason)]++
		}
	}
	return want
}

func TestGaugesAgreeWithTheCacheAfterRandomChurn(t *testing.T) {
	for seed := range uint64(2) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { testChurn(t, seed) })
	}
}

func testChurn(t *testing.T, seed uint64) {
	const writers, podsEach, steps = 8, 500, 2500
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, Options{Selector: "tier=web", ConcurrentSyncs: 8})
		c := w.controller.(*controller)
		informer := w.informers.Core().V1().Pods().Informer()
		defer w.term()()

		var all sync.WaitGroup
		for n := range writers {
			churn := &churn{
				random: rand.New(rand.NewPCG(seed, uint64(n))), prefix: fmt.Sprint("pod-", n), pods: podsEach,
				store: informer.GetStore(), handler: c.worker.Handler(c.keysOf),
			}
			all.Go(func() {
				if err := churn.run(steps); err != nil {
					t.Error(err)
				}
			})
		}
		all.Go(func() {
			for range 50 {
				w.wantNoNegativeGauge()
			}
		})
		all.Wait()
		time.Sleep(time.Hour) // all deletions that take too long have been noticed
		synctest.Wait()

		got := w.metrics()
		delete(got, "container_restarts_total")
		if diff := cmp.Diff(expectedGauges(informer.GetStore().List(), time.Now()), got); diff != "" {
			t.Errorf("gauges (-want +got)\n%s", diff)
		}
	})
}

func (w *world) wantNoNegativeGauge() {
	w.t.Helper()
	for name, value := range w.metrics() {
		if value < 0 {
			w.t.Errorf("%s is %v", name, value)
		}
	}
}
