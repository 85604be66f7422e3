package faultproxy

import (
	"bufio"
	"io"
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
