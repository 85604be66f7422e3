package atonce_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/atonce"
)

func TestDoCallsAtOnceAndReturnsEachError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		errFirst, errThird := errors.New("first"), errors.New("third")
		slow := func(err error) func() error {
			return func() error {
				time.Sleep(time.Second)
				return err
			}
		}
		begin := time.Now()
		err := atonce.Do(slow(errFirst), slow(nil), slow(errThird))
		if took := time.Since(begin); took != time.Second {
			t.Errorf("three calls of a second took %v", took)
		}
		if !errors.Is(err, errFirst) || !errors.Is(err, errThird) {
			t.Errorf("error %v, want %v and %v", err, errFirst, errThird)
		}
		if err := atonce.Do(func() error { panic("broken client") }); err == nil || err.Error() != "panic: broken client" {
			t.Errorf("error %v, want the panic", err)
		}
		if err := atonce.Do(slow(nil)); err != nil {
			t.Errorf("error %v, want nil", err)
		}
	})
}

func TestVersionIsThatOfTheListOrNone(t *testing.T) {
	list := &corev1.PodList{ListMeta: metav1.ListMeta{ResourceVersion: "7"}}
	var version string
	if err := atonce.Version(&version, list, nil); err != nil || version != "7" {
		t.Errorf("version %q, error %v, want 7, nil", version, err)
	}
	errAway, untouched := errors.New("away"), "before"
	if err := atonce.Version(&untouched, (*corev1.PodList)(nil), errAway); !errors.Is(err, errAway) || untouched != "before" {
		t.Errorf("version %q, error %v, want it untouched, %v", untouched, err, errAway)
	}
}
