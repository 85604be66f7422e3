package worker

import (
	"strings"
	"time"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"
)

// Ref is a Key that is "namespace/name" in JSON, or "name" where there is no namespace.
type Ref cache.ObjectName

// String returns "namespace/name".
func (r Ref) String() string { return Key(r).String() }

// MarshalText returns "namespace/name".
func (r Ref) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (r *Ref) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*r = Ref{}
		return nil
	}
	key, err := cache.ParseObjectName(string(text))
	*r = Ref(key)
	return err
}

// Record is what happened to a key in one reconcile. In JSON, durations are as Go writes them ("1m30s", "2.5ms"), and what is zero
// is left out.
type Record struct {
	Key Ref `json:"key"`
	// Causes are why the key was queued, in the order of their first events. CausesOmitted counts the events that are not in it.
	Causes        []Cause         `json:"causes"`
	CausesOmitted int             `json:"causesOmitted,omitzero"`
	Queued        time.Time       `json:"queued"` // when the key could have been taken
	Started       time.Time       `json:"started"`
	Wait          metav1.Duration `json:"wait"` // from Queued to Started
	Duration      metav1.Duration `json:"duration"`
	// Result is how the reconcile ended, as in the metric wheelhouse_reconciles_total: success, error, panic, timeout, cancelled or
	// dropped.
	Result string `json:"result"`
	// Error is what the reconcile returned, cut off where it is very long. Failures counts the failures in a row, this one included.
	Error    string `json:"error,omitempty"`
	Failures int    `json:"failures,omitzero"`
	// Blocked is what kept the object from being what it should be though the reconcile went well.
	Blocked string `json:"blocked,omitempty"`
	// Writes are those that were sent to the API server. WritesOmitted counts those that are not in it.
	Writes        []Write `json:"writes,omitempty"`
	WritesOmitted int     `json:"writesOmitted,omitzero"`
	// Again is after how long the key is looked at again: what the reconcile asked for, or the delay until the retry. Zero means on
	// the next event, which may have come already.
	Again metav1.Duration `json:"again,omitzero"`
}

// record is a Record as it is kept: what it refers to is never changed.
type record struct {
	visit
	duration      time.Duration
	result        outcome
	err           string
	failures      int
	blocked       string
	writes        []Write
	writesOmitted int
	again         time.Duration
}

// visit is the holding of a key by a worker, as it began.
type visit struct {
	key             Key
	why             causes
	queued, started time.Time
}

func (r *record) export() Record {
	return Record{
		Key:    Ref(r.key),
		Causes: append([]Cause{}, r.why.list()...), CausesOmitted: r.why.omitted(), // no causes are none, not null
		Queued: r.queued, Started: r.started,
		Wait: metav1.Duration{Duration: r.started.Sub(r.queued)}, Duration: metav1.Duration{Duration: r.duration},
		Result: string(r.result), Error: r.err, Failures: r.failures, Blocked: r.blocked,
		Writes: r.writes, WritesOmitted: r.writesOmitted,
		Again: metav1.Duration{Duration: r.again},
	}
}

// maxError is how many bytes of an error are kept: what the API server says of a denied object fits, a list of a thousand such does
// not.
const maxError = 512

// errorText returns the error's text, cut off at maxError. The rest is not kept in memory.
func errorText(err error) string {
	if err == nil {
		return ""
	}
	return shortened(err.Error())
}

func shortened(text string) string {
	if len(text) <= maxError {
		return text
	}
	end := maxError - len("…")
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.Clone(text[:end]) + "…"
}
