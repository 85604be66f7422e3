package kwok

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	utilnet "k8s.io/apimachinery/pkg/util/net"
)

func TestFailuresOfTheServerAreTriedAgain(t *testing.T) {
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		want   bool
	}{
		{"fine", func(http.ResponseWriter, *http.Request) {}, false},
		{"not found", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, false},
		{"etcd is down", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, true},
		{"the server dies", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(test.answer)
			defer server.Close()
			client := http.Client{Transport: retriable{http.DefaultTransport}}
			response, err := client.Post(server.URL, "", nil)
			if err == nil {
				response.Body.Close()
			}
			if got := utilnet.IsConnectionRefused(err); got != test.want {
				t.Errorf("kwok tries again: got %t (error %v), want %t", got, err, test.want)
			}
		})
	}
}

func TestCancelledRequestsAreNotTriedAgain(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel() }))
	defer server.Close()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	_, err = (&http.Client{Transport: retriable{http.DefaultTransport}}).Do(request)
	if !errors.Is(err, context.Canceled) || utilnet.IsConnectionRefused(err) {
		t.Errorf("got error %v, want only %v", err, context.Canceled)
	}
}
