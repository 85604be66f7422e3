package leaderelection

import (
	"context"
	"fmt"
	"time"

	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// tenure is the lock through which client-go contends for one term. It ends the term as soon as somebody else has the lease,
// or may have it. client-go alone goes on for up to the retry period and the renew deadline, counted from the last answer:
// by then, somebody else may long be at work if that answer came late or the process was paused.
type tenure struct {
	resourcelock.Interface
	duration time.Duration
	lose     func()

	// Only client-go's one goroutine uses these.
	renewed time.Time   // what the lease says, of the last write that succeeded
	expiry  *time.Timer // calls lose when others may take the lease; nil until it is won
}

// Get fails once the lease is lost, so that client-go doesn't take it again: others may have worked in between.
func (t *tenure) Get(ctx context.Context) (*resourcelock.LeaderElectionRecord, []byte, error) {
	record, raw, err := t.Interface.Get(ctx)
	if err == nil && t.expiry != nil && record.HolderIdentity != t.Identity() {
		t.lose()
		return nil, nil, fmt.Errorf("the lease is lost: its holder is %q", record.HolderIdentity)
	}
	return record, raw, err
}

func (t *tenure) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	err := t.Interface.Create(ctx, record)
	if err == nil {
		t.extend(record.RenewTime.Time)
	}
	return err
}

func (t *tenure) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	err := t.Interface.Update(ctx, record)
	if err == nil {
		t.extend(record.RenewTime.Time)
	}
	return err
}

// extend puts off the expiry. Others count from when they first saw this time of renewal, of which they know the second. It
// may have reached them with an earlier write, whose answer got lost; but not before that time.
func (t *tenure) extend(renewed time.Time) {
	left := t.duration - time.Since(renewed)
	if left <= 0 { // at once, and not in the goroutine of a timer, or a term could begin
		t.lose()
	}
	switch {
	case t.expiry == nil:
		t.expiry = time.AfterFunc(left, t.lose)
	case renewed.Unix() == t.renewed.Unix():
		return
	default:
		t.expiry.Reset(left)
	}
	t.renewed = renewed
}

// end is called when client-go has ended.
func (t *tenure) end() {
	if t.expiry != nil {
		t.expiry.Stop()
	}
}
