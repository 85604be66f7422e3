package worker

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
)

// seedVariable makes TestQueueFollowsModel play one seed only.
const seedVariable = "QUEUE_SEED"

// TestQueueFollowsModel plays random calls to the queue and to a model of it, which must agree on each answer.
func TestQueueFollowsModel(t *testing.T) {
	const seeds, calls = 3000, 100
	play := func(seed uint64) {
		random := rand.New(rand.NewPCG(seed, 0))
		script := make([]byte, 2*calls)
		for i := range script {
			script[i] = byte(random.Uint32())
		}
		synctest.Test(t, func(t *testing.T) {
			if err := playScript(script); err != nil {
				t.Fatalf("%v\nreplay: %s=%d go test ./controllers/worker -run '^TestQueueFollowsModel$'", err, seedVariable, seed)
			}
		})
	}
	if text, ok := os.LookupEnv(seedVariable); ok {
		seed, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		play(seed)
		return
	}
	for seed := range uint64(seeds) {
		play(seed)
	}
}

// FuzzQueue needs -fuzzminimizetime=10x or the like: what the engine would minimize by default takes it a minute each time.
func FuzzQueue(f *testing.F) {
	f.Add([]byte("add, take, fail"))
	f.Fuzz(func(t *testing.T, script []byte) {
		synctest.Test(t, func(t *testing.T) {
			if err := playScript(script); err != nil {
				t.Fatal(err)
			}
		})
	})
}

// playScript makes one call for every two bytes: what to do, and with what.
func playScript(script []byte) error {
	p := newPlay()
	for call := range slices.Chunk(script, 2) {
		if err := p.call(call[0], call[len(call)-1]); err != nil {
			return fmt.Errorf("%w\ncalls:\n%s", err, p.calls)
		}
	}
	if err := p.compareCounters(); err != nil {
		return fmt.Errorf("%w\ncalls:\n%s", err, p.calls)
	}
	return nil
}

// play is a queue beside its model.
type play struct {
	queue *queue
	model *model
	held  []Key // in the order in which they were taken
	calls []byte
}

func newPlay() *play {
	p := &play{queue: newQueue(newMetrics()), model: newModel()}
	p.queue.backoff = func(failures int) time.Duration { return p.distinct(minBackoff << min(failures, 8)) }
	return p
}

func (p *play) call(what, with byte) error {
	switch what % 8 {
	case 0, 1:
		p.add(Key{Namespace: string('a' + rune(with%3)), Name: string('a' + rune(with>>2%4))}, Priority(with>>6%priorities))
	case 2, 3:
		if err := p.take(); err != nil {
			return err
		}
	case 4:
		p.advance(time.Duration(with) * time.Millisecond / 4)
	default:
		if len(p.held) == 0 {
			return nil
		}
		at := int(with) % len(p.held)
		key := p.held[at]
		p.held = slices.Delete(p.held, at, at+1)
		if err := p.release(what%8, key, time.Duration(with>>4)*time.Millisecond); err != nil {
			return err
		}
	}
	return p.compare()
}

func (p *play) add(key Key, priority Priority) {
	p.note("add %v with priority %d", key, priority)
	p.queue.add(key, priority, Cause{})
	p.model.add(key, priority)
}

func (p *play) take() error {
	want, wantOK := p.model.take(time.Now())
	got, wait, ok := p.queue.take()
	p.note("take: %v, %v", got, ok)
	if got != want || ok != wantOK {
		return fmt.Errorf("take returned %v, %v, want %v, %v", got, ok, want, wantOK)
	}
	if ok {
		p.held = append(p.held, got)
		return nil
	}
	wantWait := forever
	if len(p.model.waiting) > 0 {
		wantWait = time.Until(p.model.waiting[0].due)
	}
	if wait != wantWait {
		return fmt.Errorf("take says that the next key is due in %v, want %v", wait, wantWait)
	}
	return nil
}

func (p *play) advance(d time.Duration) {
	p.note("advance %v", d)
	time.Sleep(d)
}

func (p *play) release(how byte, key Key, after time.Duration) error {
	switch how {
	case 5:
		if after > 0 {
			after = p.distinct(after)
		}
		p.note("succeed %v, again after %v", key, after)
		p.queue.succeed(key, after)
		p.model.release(key, time.Now(), after, Live)
		delete(p.model.fails, key)
	case 6:
		again := p.model.held[key].again
		delay, failures := p.queue.fail(key, "broken")
		p.note("fail %v, again after %v", key, delay)
		if again != (delay == 0) {
			return fmt.Errorf("fail says that %v is ready again in %v; that it was added in the meantime is %v", key, delay, again)
		}
		p.model.release(key, time.Now(), delay, Background)
		p.model.fails[key]++
		if failures != p.model.fails[key] {
			return fmt.Errorf("fail says that %v failed %d times, want %d", key, failures, p.model.fails[key])
		}
	case 7:
		p.note("put back %v", key)
		p.queue.putBack(key)
		p.model.putBack(key)
	}
	return nil
}

// distinct returns d or a little more, so that no two keys are due at once, whose order would be left open.
func (p *play) distinct(d time.Duration) time.Duration {
	for slices.ContainsFunc(p.model.waiting, func(w modelWait) bool { return w.due.Equal(time.Now().Add(d)) }) {
		d++
	}
	return d
}

// compare checks what can be seen from outside, and that the queue remembers no key which it has nothing to do with.
func (p *play) compare() error {
	p.model.promote(time.Now())
	known := p.model.len() + len(p.model.waiting) + len(p.model.held)
	for _, figure := range []struct {
		name      string
		got, want int
	}{
		{"len", p.queue.len(), p.model.len()},
		{"busy", int(p.queue.busy()), len(p.model.held)},
		{"known keys", len(p.queue.items), known},
		{"waiting keys", len(p.queue.waiting), len(p.model.waiting)},
	} {
		if figure.got != figure.want {
			return fmt.Errorf("%s is %d, want %d", figure.name, figure.got, figure.want)
		}
	}
	return nil
}

func (p *play) compareCounters() error {
	m := p.queue.metrics
	if got := int(testutil.ToFloat64(m.adds)); got != p.model.adds {
		return fmt.Errorf("%d adds were counted, want %d", got, p.model.adds)
	}
	if got := int(testutil.ToFloat64(m.retries)); got != p.model.retries {
		return fmt.Errorf("%d retries were counted, want %d", got, p.model.retries)
	}
	return nil
}

func (p *play) note(format string, args ...any) {
	p.calls = fmt.Appendf(p.calls, format+"\n", args...)
}
