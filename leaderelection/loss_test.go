package leaderelection_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// wantLoss waits until the term has ended and returns after how long.
func wantLoss(t *testing.T, term context.Context, within time.Duration) {
	t.Helper()
	begin := time.Now()
	select {
	case <-term.Done():
	case <-time.After(time.Hour):
		t.Fatal("the term goes on")
	}
	if took := time.Since(begin); took > within {
		t.Errorf("the term ended %v after the loss, want within %v", took, within)
	}
}

// A process that was paused for longer than its lease lasts finds somebody else at work.
func TestTermEndsAsSoonAsSomebodyElseIsSeenToHoldTheLease(t *testing.T) {
	for _, holder := range []string{"thief", ""} {
		t.Run("held by "+holder, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var server leases
				r := start(t, "a", server.client(way{}))
				term := r.term(t)
				server.steal(holder, time.Minute)
				wantLoss(t, term, time.Millisecond)
				synctest.Wait()
				server.wantHolder(t, holder)
				r.wantLeading(t, 0)
				r.stop()
				r.drained <- struct{}{}
				r.wantEnd(t)
				server.wantHolder(t, holder)
			})
		})
	}
}

func TestTermsDoNotOverlapAndHaveContextsOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		r := start(t, "a", server.client(way{}))
		first := r.term(t)
		server.steal("thief", time.Minute)
		<-first.Done()
		time.Sleep(10 * time.Minute) // the lease has long been free
		r.wantNoTerm(t)
		server.wantHolder(t, "thief") // who doesn't work must not hold the lease either
		r.drained <- struct{}{}
		time.Sleep(2 * time.Minute)
		second := r.term(t)
		server.wantHolder(t, "a")
		r.wantLeading(t, 1)
		if second.Err() != nil || first.Err() == nil {
			t.Errorf("the second term's context: %v, the first one's: %v", second.Err(), first.Err())
		}
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}

func TestOutageOfTheAPIServer(t *testing.T) {
	tests := []struct {
		name   string
		outage time.Duration
		lost   bool
	}{
		{"shorter than the renew deadline", 9 * time.Second, false},
		{"longer than the renew deadline", 13 * time.Second, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var server leases
				var down atomic.Bool
				r := start(t, "a", server.client(downWhile(&down)))
				term := r.term(t)
				time.Sleep(time.Minute)
				down.Store(true)
				time.Sleep(tt.outage)
				if lost := term.Err() != nil; lost != tt.lost {
					t.Errorf("the term is lost: %t, want %t", lost, tt.lost)
				}
				down.Store(false)
				if tt.lost {
					r.drained <- struct{}{}
					synctest.Wait()
					const expired = "wheelhouse_terms_ended_total expired"
					if got := r.counters(t, expired)[expired]; got != 1 {
						t.Errorf("%s = %v, want 1", expired, got)
					}
					time.Sleep(5 * time.Second)
					r.term(t)
				}
				server.wantHolder(t, "a")
				r.stop()
				r.drained <- struct{}{}
				r.wantEnd(t)
			})
		})
	}
}

// The end of the term cuts a renewal short, which reaches the server between the two requests of the release.
func TestReleaseOutlivesAConflict(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		var late atomic.Bool
		r := start(t, "a", server.client(way{back: func(verb string) error {
			if verb == "get" && late.CompareAndSwap(true, false) {
				server.steal("a", 15*time.Second)
			}
			return nil
		}}))
		r.term(t)
		late.Store(true)
		r.stop()
		r.drained <- struct{}{}
		time.Sleep(time.Second)
		r.wantEnd(t)
		server.wantHolder(t, "")
	})
}

// A release that fails costs the others time, and nothing else.
func TestFailedReleaseIsNoError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		var down atomic.Bool
		r := start(t, "a", server.client(downWhile(&down)))
		r.term(t)
		down.Store(true)
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
		server.wantHolder(t, "a")
	})
}
