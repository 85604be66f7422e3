package announce_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/announce"
)

func TestFailureThatLastsIsToldOfSeldom(t *testing.T) {
	var told announce.Told
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	got := []bool{
		told.News("FailedCreate", "quota", at),
		told.News("FailedCreate", "quota", at.Add(29*time.Minute)),
		told.News("FailedCreate", "webhook", at.Add(29*time.Minute)),
		told.News("FailedDelete", "webhook", at.Add(29*time.Minute)),
		told.News("FailedDelete", "webhook", at.Add(59*time.Minute)),
	}
	told.Over()
	got = append(got, told.News("FailedDelete", "webhook", at.Add(59*time.Minute)))
	if diff := cmp.Diff([]bool{true, false, true, true, true, true}, got); diff != "" {
		t.Errorf("whether it is told (-want +got):\n%s", diff)
	}
}
