package announce

import "time"

// repeat is when to tell again of a failure that lasts. The API server keeps events for an hour.
const repeat = 30 * time.Minute

// Told is the failure that users were told of last, so that one that lasts is not told of again and again. The zero value is none.
type Told struct {
	reason, class string
	at            time.Time
}

// News reports whether users should be told of a failure: it is another than the last one, or that was long ago. If so, it is
// the last one from now on.
func (t *Told) News(reason, class string, now time.Time) bool {
	if t.reason == reason && t.class == class && now.Sub(t.at) < repeat {
		return false
	}
	*t = Told{reason, class, now}
	return true
}

// Over says that nothing fails any more.
func (t *Told) Over() {
	*t = Told{}
}
