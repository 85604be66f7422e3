package pages_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"github.com/6ead2ce0/wheelhouse/manager"
	"github.com/6ead2ce0/wheelhouse/status"
	"github.com/6ead2ce0/wheelhouse/status/pages"
)

// bare is a manager of one controller that can't be looked into, without caches.
type bare struct{}

func (bare) Statuses() []manager.Status         { return []manager.Status{{Controller: "closed"}} }
func (bare) Inspector(string) manager.Inspector { return nil }
func (bare) Caches() []manager.Cache            { return nil }

// Programs that go through a list needn't ask first whether it is one.
func TestNoListIsNull(t *testing.T) {
	handler, err := pages.NewHandler(status.Config{
		Started: time.Now(), Manager: bare{},
		Leases: func() []status.Lease { return nil }, Replicas: func() []string { return nil },
	}, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	for path, lists := range map[string][]string{
		"/":                          {"leases", "caches"},
		"/controllers/closed":        {"failing", "blocked", "slowest", "records"},
		"/controllers/closed/keys/a": {"records"},
	} {
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, path+"?format=json", nil))
		body := answer.Body.String()
		if strings.Contains(body, "null") {
			t.Errorf("%s holds a null:\n%s", path, body)
		}
		for _, list := range lists {
			if !strings.Contains(body, `"`+list+`": []`) {
				t.Errorf("%s has no empty list of %s:\n%s", path, list, body)
			}
		}
	}
}
