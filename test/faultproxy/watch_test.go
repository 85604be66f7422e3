package faultproxy

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"
)

// lines returns what comes by a watch, until it ends.
func lines(watch io.Reader) <-chan string {
	all := make(chan string)
	go func() {
		defer close(all)
		for scanner := bufio.NewScanner(watch); scanner.Scan(); {
			all <- scanner.Text()
		}
	}()
	return all
}

func expect(t *testing.T, lines <-chan string, want string) {
	t.Helper()
	select {
	case got := <-lines:
		if got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	case <-time.After(5 * time.Second):
		t.Fatalf("%q did not come", want)
	}
}

// short is how long tests wait for what must not happen.
const short = 200 * time.Millisecond

func expectNothing(t *testing.T, lines <-chan string) {
	t.Helper()
	select {
	case got := <-lines:
		t.Fatalf("got %q, want nothing", got)
	case <-time.After(short):
	}
}

func TestWatchesAreDeliveredAtOnce(t *testing.T) {
	w := newWorld(t)
	got := lines(w.watch(t))
	for _, line := range []string{"one", "two"} {
		w.events <- line
		expect(t, got, line)
	}
	close(w.events)
	expect(t, got, "") // it has ended
}

func TestFrozenWatchGoesOnWhenLifted(t *testing.T) {
	w := newWorld(t)
	got := lines(w.watch(t))
	frozen := w.Add(Rule{Match: Match{Resources: []string{"pods"}}, Watch: &Watch{Frozen: true}})
	w.events <- "one"
	w.events <- "two"
	expectNothing(t, got)
	frozen.Lift()
	expect(t, got, "one")
	expect(t, got, "two")
	close(w.events)
	expect(t, got, "")
}

func TestLateWatchIsLateByTheSameForAll(t *testing.T) {
	w := newWorld(t)
	got := lines(w.watch(t))
	const late = 2 * short
	w.Add(Rule{Watch: &Watch{Late: late}})
	begin := time.Now()
	w.events <- "one"
	w.events <- "two"
	expectNothing(t, got)
	expect(t, got, "one")
	if since := time.Since(begin); since < late {
		t.Errorf("it came after %v, want %v", since, late)
	}
	expect(t, got, "two")
	if since := time.Since(begin); since > 10*late {
		t.Errorf("the second came after %v, want %v or little more", since, late)
	}
	close(w.events)
	expect(t, got, "")
}

func TestCutWatchEndsCleanly(t *testing.T) {
	w := newWorld(t)
	watch := w.watch(t)
	cut := w.Add(Rule{Watch: &Watch{Cut: true}})
	if _, err := watch.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the watch ended with %v, want EOF", err)
	}
	if _, err := w.watch(t).Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("a new watch ended with %v, want EOF", err)
	}
	cut.Lift()
	got := lines(w.watch(t))
	w.events <- "one"
	expect(t, got, "one")
	close(w.events)
	expect(t, got, "")
}

func TestWatchesOfOthersAreLeftAlone(t *testing.T) {
	w := newWorld(t)
	got := lines(w.watch(t))
	w.Add(Rule{Match: Match{User: "joe"}, Watch: &Watch{Frozen: true}})
	w.events <- "one"
	expect(t, got, "one")
	close(w.events)
	expect(t, got, "")
}

// Not even its header comes, and what else goes over the connection does.
func TestBlackHoledWatchIsNeverAnswered(t *testing.T) {
	w := newWorld(t)
	w.Add(Rule{Match: Match{Verbs: []string{"watch"}}, Fault: BlackHole(), Times: 1})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+w.Address()+podsPath+"?watch=true", nil)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, _, err := read(w.client.Do(request))
		ended <- err
	}()
	for w.Count(Match{Verbs: []string{"watch"}}) == 0 {
		time.Sleep(time.Millisecond)
	}
	if code, _, err := w.post(); code != http.StatusCreated {
		t.Errorf("another request: %d %v", code, err)
	}
	got := lines(w.watch(t))
	w.events <- "one"
	expect(t, got, "one")
	close(w.events)
	select {
	case err := <-ended:
		t.Fatalf("it was answered, or ended: %v", err)
	case <-time.After(short):
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v, want %v", err, context.Canceled)
	}
	if record := w.Requests(Match{Verbs: []string{"watch"}})[0]; record.Code != 0 || record.Upstream != 0 {
		t.Errorf("recorded codes %d and %d, want none", record.Code, record.Upstream)
	}
}
