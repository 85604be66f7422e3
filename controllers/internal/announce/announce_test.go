package announce_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/record"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/announce"
)

func drain(r *record.FakeRecorder) (events []string) {
	for {
		select {
		case e := <-r.Events:
			events = append(events, e)
		default:
			return events
		}
	}
}

// announced returns an Announcer to which something is said of so many pods, and what records its events. It must be called in a synctest
// bubble.
func announced(t *testing.T, pods int, eventType, reason, message string) (*announce.Announcer, *record.FakeRecorder) {
	t.Helper()
	recorder := record.NewFakeRecorder(10_000)
	a := announce.New(recorder)
	for i := range pods {
		a.Say(&corev1.Pod{}, types.UID(fmt.Sprint(i)), eventType, reason, message)
	}
	return a, recorder
}

func TestThousandsStayBelowTenASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, recorder := announced(t, 1000, corev1.EventTypeWarning, "FailedCreate", "quota")
		defer a.Stop()
		for second := range 20 {
			if n := len(drain(recorder)); n >= 10 {
				t.Errorf("second %d: %d events, want less than 10", second, n)
			}
			time.Sleep(time.Second)
			synctest.Wait()
		}
	})
}

func TestEventsThatWaitArePutTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		recorder := record.NewFakeRecorder(100)
		a := announce.New(recorder)
		defer a.Stop()
		for i := range 8 {
			a.Say(&corev1.Pod{}, "one", corev1.EventTypeNormal, "SuccessfulCreate", fmt.Sprint("Created pod: ", i))
		}
		time.Sleep(time.Minute)
		want := []string{
			"Normal SuccessfulCreate Created pod: 0", "Normal SuccessfulCreate Created pod: 1", "Normal SuccessfulCreate Created pod: 2",
			"Normal SuccessfulCreate Created pod: 3", "Normal SuccessfulCreate Created pod: 4",
			"Normal SuccessfulCreate Created pod: 7 (and 2 more events like it)",
		}
		if diff := cmp.Diff(want, drain(recorder)); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func TestWarningsGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, recorder := announced(t, 10_000, corev1.EventTypeNormal, "SuccessfulCreate", "Created pod")
		defer a.Stop()
		drain(recorder)
		a.Say(&corev1.Pod{}, "bad", corev1.EventTypeWarning, "FailedCreate", "quota")
		time.Sleep(300 * time.Millisecond)
		if diff := cmp.Diff([]string{"Warning FailedCreate quota"}, drain(recorder)); diff != "" {
			t.Errorf("next event (-want +got):\n%s", diff)
		}
	})
}
