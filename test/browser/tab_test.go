package browser

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

// patience bounds one step in the browser, which shares the machine with a control plane.
const patience = time.Minute

// chromium is where Debian puts it.
const chromium = "/usr/bin/chromium"

// tab is a page of a browser that runs no script of any page.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu     sync.Mutex
	errors []string // guarded by mu: what the browser complained of
}

func open(t *testing.T) *tab {
	t.Helper()
	if _, err := os.Stat(chromium); err != nil {
		t.Fatalf("%v; `make test-browser` installs it", err)
	}
	allocated, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(chromium), chromedp.UserDataDir(t.TempDir()), chromedp.Flag("headless", true), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.WSURLReadTimeout(patience),
	)
	ctx, closeTab := chromedp.NewContext(allocated)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // closes the browser in order; what is left of it, the next line ends
		closeTab()
		stop()
	})
	b := &tab{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, b.note)
	b.run(cdplog.Enable(), emulation.SetScriptExecutionDisabled(true))
	return b
}

func (b *tab) note(event any) {
	if e, ok := event.(*cdplog.EventEntryAdded); ok && e.Entry.Level == cdplog.LevelError {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.errors = append(b.errors, e.Entry.Text+" "+e.Entry.URL)
	}
}

// wantNoErrors fails if the browser complained, of something that the security policy forbids or that is not there.
func (b *tab) wantNoErrors() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.errors) > 0 {
		b.t.Errorf("the browser complains:\n%s", strings.Join(b.errors, "\n"))
	}
}

func (b *tab) run(actions ...chromedp.Action) {
	b.t.Helper()
	// The first run's context is the browser's life: a bound on it would end the browser.
	if chromedp.FromContext(b.ctx).Browser == nil {
		if err := chromedp.Run(b.ctx); err != nil {
			b.t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) visit(url string) {
	b.t.Helper()
	b.run(chromedp.Navigate(url), chromedp.WaitVisible("main"))
}

// follow clicks the link with this text in the table with this caption.
func (b *tab) follow(caption, text string) {
	b.t.Helper()
	link := fmt.Sprintf(`//table[starts-with(normalize-space(caption), %q)]//a[normalize-space()=%q]`, caption, text)
	b.run(chromedp.Click(link, chromedp.BySearch), chromedp.WaitVisible(fmt.Sprintf(`//h1[normalize-space()=%q]`, text), chromedp.BySearch))
}

// text returns what a reader sees.
func (b *tab) text() string {
	b.t.Helper()
	var text string
	b.run(chromedp.Text("main", &text))
	return text
}

// look is how a page is looked at.
type look struct {
	name   string
	width  int64
	scheme string
}

func looks() []look {
	return []look{
		{"wide-light", 1280, "light"}, {"wide-dark", 1280, "dark"},
		{"medium-light", 768, "light"},
		{"narrow-light", 360, "light"}, {"narrow-dark", 360, "dark"},
	}
}

func (b *tab) set(l look) {
	b.t.Helper()
	b.run(
		emulation.SetDeviceMetricsOverride(l.width, 900, 2, l.width < 500),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}),
	)
}

// screenshot keeps a picture of the whole page in dist/screenshots.
func (b *tab) screenshot(name string) {
	b.t.Helper()
	root, err := cluster.Root()
	if err != nil {
		b.t.Fatal(err)
	}
	folder := filepath.Join(root, "dist", "screenshots")
	if err := os.MkdirAll(folder, 0o750); err != nil {
		b.t.Fatal(err)
	}
	var picture []byte
	b.run(chromedp.ActionFunc(func(ctx context.Context) (err error) {
		picture, err = page.CaptureScreenshot().WithCaptureBeyondViewport(true).Do(ctx)
		return err
	}))
	if err := os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600); err != nil {
		b.t.Fatal(err)
	}
}
