package integration

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// floodFrom sends unknown tokens from a loopback address, as fast as 1,000 a second, until ctx ends.
func floodFrom(ctx context.Context, address, url string, sent *atomic.Int64) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	client := http.Client{Transport: &http.Transport{
		DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, MaxConnsPerHost: 50, MaxIdleConnsPerHost: 50,
	}}
	defer client.CloseIdleConnections()
	pace := time.NewTicker(time.Millisecond)
	defer pace.Stop()
	for n := 0; ctx.Err() == nil; n++ {
		<-pace.C
		go func() {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
			if err != nil {
				return
			}
			request.Header.Set("Authorization", fmt.Sprintf("Bearer unheard-of-%d", n))
			if response, err := client.Do(request); err == nil { // the others are the end of the flood
				_ = response.Body.Close() // nobody reads it
				sent.Add(1)
			}
		}()
	}
}

// A scraper that nobody has heard of is known at its first try, while another address floods the port with random tokens.
func TestFloodOfTokens(t *testing.T) {
	client, ns := namespace(t)
	user := "serving-of-" + ns
	grant(t, user, true)
	_, url := secure(t, user)
	token := reader(t, client, ns)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var sent atomic.Int64
	go floodFrom(ctx, "127.0.0.2", url+"/metrics", &sent)
	cluster.Eventually(t, "that the flood is on", func() bool { return sent.Load() > 200 }) // many times its share
	began := time.Now()
	status, _, err := visit(t.Context(), &tls.Config{InsecureSkipVerify: true}, url+"/metrics", token)
	t.Logf("status %d after %v, when %d unknown tokens had been answered", status, time.Since(began), sent.Load())
	if err != nil || status != http.StatusOK {
		t.Errorf("/metrics has status %d (%v) in a flood, want 200", status, err)
	}
}
