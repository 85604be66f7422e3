package app

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/streaming/pkg/httpstream"
)

// lateDialer opens its connection after an hour, as if an API server or a proxy had taken the request and said nothing.
type lateDialer struct{ connection *lateConnection }

func (d lateDialer) Dial(...string) (httpstream.Connection, string, error) {
	time.Sleep(time.Hour)
	return d.connection, "", nil
}

type lateConnection struct {
	httpstream.Connection
	closed bool
}

func (c *lateConnection) Close() error {
	c.closed = true
	return nil
}

func TestForwardingEnds(t *testing.T) {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "pod-0"}}
	for name, tt := range map[string]struct {
		interrupt, took time.Duration
		why             error
	}{
		"when it is interrupted":     {time.Second, time.Second, context.Canceled},
		"when it has taken too long": {2 * time.Hour, statusTimeout, context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, interrupt := context.WithCancel(t.Context())
				time.AfterFunc(tt.interrupt, interrupt)
				late, begin := &lateConnection{}, time.Now()
				_, err := dialPod(ctx, lateDialer{late}, pod, 10281)
				if took := time.Since(begin); took != tt.took {
					t.Errorf("it ends after %v, want %v", took, tt.took)
				}
				if !errors.Is(err, tt.why) || !strings.HasPrefix(err.Error(), "forward a port to pod kube-system/pod-0: ") {
					t.Errorf("it ends with %v, want what it did and %v", err, tt.why)
				}
				time.Sleep(2 * time.Hour)
				synctest.Wait()
				if !late.closed {
					t.Error("the connection that came late is still open")
				}
			})
		})
	}
}
