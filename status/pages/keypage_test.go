package pages_test

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
)

func TestPageOfAKeyThatWasGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := record("web")
		r.Result, r.Error, r.Failures = "dropped", "no such image", 5
		page := get(newHandler(t, fake{records: []worker.Record{r}}), "/controllers/sets/keys/shop/web").Body.String()
		for _, want := range []string{
			`<span class="badge bad">dropped</span> <span class="badge calm">idle</span>`, "Why it is not done",
			"It was given up 1s ago, after 5 failures.", `<p class="error">no such image</p></section>`,
		} {
			if !strings.Contains(page, want) {
				t.Errorf("the page lacks %q:\n%s", want, page)
			}
		}
	})
}
