package progress

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestWait(t *testing.T) {
	refused, interrupted := errors.New("connection refused"), errors.New("interrupted")
	for _, test := range []struct {
		name     string
		ready    time.Duration
		deadline time.Duration
		cancel   time.Duration
		lines    string
		want     string
	}{
		{name: "at once", lines: "localcluster    0.0s  api: ready\n"},
		{name: "soon", ready: 2 * time.Second, lines: "localcluster    2.0s  api: ready\n"},
		{name: "late", ready: 11 * time.Second, lines: "localcluster    5.0s  still waiting for api: connection refused\n" +
			"localcluster   10.0s  still waiting for api: connection refused\n" +
			"localcluster   11.0s  api: ready\n"},
		{name: "never", ready: time.Hour, deadline: 4 * time.Second, want: "api didn't get ready in time: connection refused"},
		{name: "interrupted", ready: time.Hour, cancel: time.Second, want: "interrupted"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				if test.cancel > 0 {
					time.AfterFunc(test.cancel, func() { cancel(interrupted) })
				}
				if test.deadline > 0 {
					var stop context.CancelFunc
					ctx, stop = context.WithTimeout(ctx, test.deadline)
					defer stop()
				}
				var out bytes.Buffer
				start := time.Now()
				err := New(&out).Wait(ctx, "api", func(context.Context) error {
					if time.Since(start) < test.ready {
						return refused
					}
					return nil
				})
				if diff := cmp.Diff(test.lines, out.String()); diff != "" {
					t.Errorf("lines (-want +got):\n%s", diff)
				}
				if got := message(err); got != test.want {
					t.Errorf("got error %q, want %q", got, test.want)
				}
			})
		})
	}
}

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
