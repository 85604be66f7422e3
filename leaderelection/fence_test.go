package leaderelection_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/client-go/rest"

	"github.com/6ead2ce0/wheelhouse/leaderelection"
)

// server is an API server behind a fence.
type server struct {
	tripper http.RoundTripper
	seen    []string
	query   string
	answer  func(*http.Request) error // nil answers at once
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	s.seen = append(s.seen, r.Method)
	s.query = r.URL.RawQuery
	if s.answer != nil {
		if err := s.answer(r); err != nil {
			return nil, err
		}
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("{}")), Request: r}, nil
}

// behind returns a server whose clients the elector guards.
func behind(elector *leaderelection.Elector) *server {
	s := &server{}
	config := &rest.Config{}
	elector.Guard(config)
	s.tripper = config.WrapTransport(s)
	return s
}

// send sends a request under the context, and returns its error.
func (s *server) send(t *testing.T, ctx context.Context, method string) error {
	t.Helper()
	return s.ask(t, ctx, method, "")
}

// ask sends a request with a query.
func (s *server) ask(t *testing.T, ctx context.Context, method, query string) error {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, method, "https://a.example.test/api"+query, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	response, err := s.tripper.RoundTrip(request)
	if err == nil {
		_ = response.Body.Close() // it can't fail
	}
	return err
}

func refusals(t *testing.T, metrics *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			for _, label := range metric.GetLabel() {
				if label.GetName() == "reason" && metric.GetCounter().GetValue() > 0 {
					counts[label.GetValue()] = metric.GetCounter().GetValue()
				}
			}
		}
	}
	return counts
}

func wantRefusals(t *testing.T, r replica, want map[string]float64) {
	t.Helper()
	if diff := cmp.Diff(want, refusals(t, r.metrics)); diff != "" {
		t.Errorf("refusals by reason (-want +got)\n%s", diff)
	}
}

func TestWithoutATermOnlyReadsPass(t *testing.T) {
	elector := newElector(t, "a", new(leases).client(way{}), prometheus.NewRegistry())
	api := behind(elector)
	for _, method := range []string{"GET", "HEAD", "OPTIONS"} {
		if err := api.send(t, t.Context(), method); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
		if err := api.send(t, t.Context(), method); !errors.Is(err, leaderelection.ErrFenced) {
			t.Errorf("%s = %v, want %v", method, err, leaderelection.ErrFenced)
		}
	}
	if diff := cmp.Diff([]string{"GET", "HEAD", "OPTIONS"}, api.seen); diff != "" {
		t.Errorf("requests that were sent (-want +got)\n%s", diff)
	}
}

func TestWritesPassInTheirTermOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		r := start(t, "a", server.client(way{}))
		api := behind(r.elector)
		first := r.term(t)
		work, cancel := context.WithCancel(first)
		defer cancel()
		if err := api.send(t, work, "POST"); err != nil {
			t.Errorf("in its term: %v", err)
		}
		server.steal("thief", time.Minute)
		synctest.Wait()
		if err := api.send(t, context.WithoutCancel(work), "POST"); !errors.Is(err, leaderelection.ErrFenced) {
			t.Errorf("after its term, with a context that goes on: %v, want %v", err, leaderelection.ErrFenced)
		}
		r.drained <- struct{}{}
		time.Sleep(time.Minute)
		second := r.term(t)
		if err := api.send(t, context.WithoutCancel(work), "POST"); !errors.Is(err, leaderelection.ErrFenced) {
			t.Errorf("in the next term: %v, want %v", err, leaderelection.ErrFenced)
		}
		if err := api.send(t, second, "POST"); err != nil {
			t.Errorf("one of the next term: %v", err)
		}
		if len(api.seen) != 2 {
			t.Errorf("%d requests were sent, want 2", len(api.seen))
		}
		wantRefusals(t, r, map[string]float64{"term_over": 2})
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}

// A process that was paused goes on where it was, before any timer runs.
func TestWriteAfterAPauseIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		slept := new(sleepyClock)
		r := startAt(t, "a", server.client(way{}), slept.now)
		api := behind(r.elector)
		term := r.term(t)
		slept.sleep(11 * time.Second)
		if err := api.send(t, term, "POST"); !errors.Is(err, leaderelection.ErrFenced) || len(api.seen) > 0 {
			t.Errorf("POST = %v, want %v", err, leaderelection.ErrFenced)
		}
		if term.Err() == nil {
			t.Error("the term goes on")
		}
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}

func TestWriteOnItsWayEndsWithTheTerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		r := start(t, "a", server.client(way{}))
		api := behind(r.elector)
		api.answer = func(r *http.Request) error { <-r.Context().Done(); return r.Context().Err() }
		term := r.term(t)
		begin := time.Now()
		go func() {
			time.Sleep(time.Second)
			server.steal("thief", time.Minute)
		}()
		err := api.send(t, context.WithoutCancel(term), "PATCH")
		if took := time.Since(begin); !errors.Is(err, leaderelection.ErrFenced) || took != time.Second {
			t.Errorf("PATCH = %v after %v, want %v after 1s", err, took, leaderelection.ErrFenced)
		}
		wantRefusals(t, r, map[string]float64{"cut_short": 1})
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}

// If the process is paused when the write has just been sent, the server must give it up by itself.
func TestServerIsToldHowLongAWriteMayTake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		var down atomic.Bool
		r := start(t, "a", server.client(downWhile(&down)))
		api := behind(r.elector)
		term := r.term(t)
		down.Store(true)
		time.Sleep(9 * time.Second)
		if err := api.send(t, term, "POST"); err != nil {
			t.Fatal(err)
		}
		duration, err := time.ParseDuration(strings.TrimPrefix(api.query, "timeout="))
		if err != nil || duration < 5*time.Second || duration > 6*time.Second {
			t.Errorf("the query is %q, want a timeout of what is left of 15s", api.query)
		}
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}

// A shorter time that a client asks for stays, and a longer one doesn't.
func TestServerIsNotGivenMoreTimeThanAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var server leases
		r := start(t, "a", server.client(way{}))
		api := behind(r.elector)
		term := r.term(t)
		for asked, want := range map[string]string{"1s": "timeout=1s", "1h": "timeout=14.", "0s": "timeout=14."} {
			if err := api.ask(t, term, "POST", "?timeout="+asked); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(api.query, want) {
				t.Errorf("of a write that asks for %s the query is %q, want %q at its beginning", asked, api.query, want)
			}
		}
		r.stop()
		r.drained <- struct{}{}
		r.wantEnd(t)
	})
}
