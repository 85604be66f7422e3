package leaderelection_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"
	coordinationv1 "k8s.io/api/coordination/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	coordinationclient "k8s.io/client-go/kubernetes/typed/coordination/v1"

	"github.com/6ead2ce0/wheelhouse/leaderelection"
)

// board is an API server with the lease that replicas show themselves on.
type board struct {
	coordinationclient.LeaseInterface // nil: what is not below must not be called

	mu          sync.Mutex
	annotations map[string]string // guarded by mu
}

func (b *board) Leases(string) coordinationclient.LeaseInterface { return b }

func (b *board) Patch(_ context.Context, _ string, _ types.PatchType, data []byte, _ metav1.PatchOptions, _ ...string) (*coordinationv1.Lease, error) {
	var patch struct {
		Metadata struct{ Annotations map[string]*string }
	}
	if err := json.Unmarshal(data, &patch); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{}}}
	for key, value := range patch.Metadata.Annotations {
		if value == nil {
			delete(b.annotations, key)
		} else {
			b.annotations[key] = *value
		}
	}
	for key, value := range b.annotations {
		lease.Annotations[key] = value
	}
	return lease, nil
}

// crew is replicas that share four leases.
type crew struct {
	board  board
	leases [4]leases

	mu      sync.Mutex
	first   *leaderelection.Shares // guarded by mu: of who joined first
	holding map[string]int         // guarded by mu: how many terms each replica has
	begun   int                    // guarded by mu: terms
	most    [4]int                 // guarded by mu: terms of one lease at once
	now     [4]int                 // guarded by mu
}

// join starts a replica, and returns what makes it leave: in order, or by its death.
func (c *crew) join(t *testing.T, identity string) (leave func()) {
	t.Helper()
	return c.joinFor(t, identity, len(c.leases))
}

// joinFor starts a replica that wants the first n leases only.
func (c *crew) joinFor(t *testing.T, identity string, n int) (leave func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	config := leaderelection.Config{
		Options: leaderelection.DefaultOptions(), Identity: identity, Client: &c.board, Clock: clock(), Log: zap.NewNop(),
	}
	config.Shares = leaderelection.NewShares(config, n)
	c.note(config.Shares)
	var running sync.WaitGroup
	for i := range n {
		config.Client, config.Metrics, config.Name = c.leases[i].client(way{}), prometheus.NewRegistry(), fmt.Sprint("lease-", i)
		elector, err := leaderelection.New(config)
		if err != nil {
			t.Fatal(err)
		}
		running.Go(func() {
			_ = elector.Run(ctx, func(drain, term context.Context) { // never returns an error
				c.count(identity, i, 1)
				defer c.count(identity, i, -1)
				select {
				case <-drain.Done():
				case <-term.Done():
				}
			})
		})
	}
	return func() {
		cancel()
		running.Wait()
	}
}

func (c *crew) note(shares *leaderelection.Shares) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first == nil {
		c.first = shares
	}
}

// known returns what the first replica knows of all.
func (c *crew) known() *leaderelection.Shares {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.first
}

func (c *crew) count(identity string, lease, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holding[identity] += n
	c.begun += max(n, 0)
	c.now[lease] += n
	c.most[lease] = max(c.most[lease], c.now[lease])
}

// terms returns how many have begun.
func (c *crew) terms() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.begun
}

// shares returns how many leases the replicas hold, most first.
func (c *crew) shares() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	var shares []int
	for _, n := range c.holding {
		if n > 0 {
			shares = append(shares, n)
		}
	}
	slices.Sort(shares)
	slices.Reverse(shares)
	return shares
}

// held returns how many leases are held.
func (c *crew) held() int {
	n := 0
	for _, share := range c.shares() {
		n += share
	}
	return n
}

func TestReplicasKnowEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &crew{board: board{annotations: map[string]string{}}, holding: map[string]int{}}
		leaveA, leaveB := c.join(t, "a_1"), c.join(t, "b_2")
		defer leaveA()
		time.Sleep(5 * time.Second)
		if diff := cmp.Diff([]string{"a_1", "b_2"}, c.known().Replicas()); diff != "" {
			t.Errorf("replicas (-want +got)\n%s", diff)
		}
		leaveB()
		time.Sleep(5 * time.Second)
		if diff := cmp.Diff([]string{"a_1"}, c.known().Replicas()); diff != "" {
			t.Errorf("replicas after one has left (-want +got)\n%s", diff)
		}
	})
}

// A replica that lacks a share may be unable to take a lease that is given up for it. Then the lease stays where it was.
func TestLeaseThatNobodyElseTakesStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &crew{board: board{annotations: map[string]string{}}, holding: map[string]int{}}
		leaveA := c.join(t, "a")
		time.Sleep(time.Second)
		leaveB := c.joinFor(t, "b", 1)
		time.Sleep(time.Minute)
		if held := c.held(); held != len(c.leases) {
			t.Errorf("%d leases are held, want all", held)
		}
		before := c.terms()
		time.Sleep(10 * time.Minute)
		if after := c.terms(); after != before {
			t.Errorf("%d terms began in ten minutes in which nothing changed, want none", after-before)
		}
		leaveB()
		leaveC := c.join(t, "c")
		time.Sleep(time.Minute)
		if diff := cmp.Diff([]int{2, 2}, c.shares()); diff != "" {
			t.Errorf("leases held when one has come that takes all (-want +got)\n%s", diff)
		}
		leaveC()
		leaveA()
	})
}

func TestReplicasShareLeasesOutEvenly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &crew{board: board{annotations: map[string]string{}}, holding: map[string]int{}}
		leave := map[string]func(){}
		steps := []struct {
			name   string
			do     func()
			within time.Duration
			want   []int
		}{
			{"the first takes all", func() { leave["a"] = c.join(t, "a") }, time.Second, []int{4}},
			{"the second gets its half", func() { leave["b"] = c.join(t, "b") }, 20 * time.Second, []int{2, 2}},
			{"the third gets one", func() { leave["c"] = c.join(t, "c") }, 20 * time.Second, []int{2, 1, 1}},
			{"one leaves, and the others even it out", func() {
				leave["a"]()
				time.Sleep(time.Second)
				if held := c.held(); held != len(c.leases) {
					t.Errorf("a second after one has left, %d leases are held, want all", held)
				}
			}, 20 * time.Second, []int{2, 2}},
			{"nobody moves without a reason", func() {}, time.Minute, []int{2, 2}},
			{"the last one takes all", func() { leave["c"]() }, time.Second, []int{4}},
		}
		for _, step := range steps {
			step.do()
			time.Sleep(step.within)
			if diff := cmp.Diff(step.want, c.shares()); diff != "" {
				t.Errorf("%s: leases held (-want +got)\n%s", step.name, diff)
			}
		}
		leave["b"]()
		if diff := cmp.Diff([4]int{1, 1, 1, 1}, c.most); diff != "" {
			t.Errorf("terms of each lease at once (-want +got)\n%s", diff)
		}
		if len(c.board.annotations) > 0 {
			t.Errorf("who has left is still shown: %v", c.board.annotations)
		}
	})
}
