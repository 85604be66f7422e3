package worker

import "time"

// minute counts reconciles and failures of the last 60 seconds, by second.
type minute [60]second

type second struct {
	at                 int64 // Unix time; one that is long past is no second of this minute
	reconciles, errors int
}

func (m *minute) count(now time.Time, failed bool) {
	at := now.Unix()
	s := &m[at%int64(len(m))]
	if s.at != at {
		*s = second{at: at}
	}
	s.reconciles++
	if failed {
		s.errors++
	}
}

// sum returns how many there were in the 60 seconds until now.
func (m *minute) sum(now time.Time) (reconciles, errors int) {
	oldest := now.Unix() - int64(len(m)) + 1
	for _, s := range m {
		if s.at >= oldest {
			reconciles += s.reconciles
			errors += s.errors
		}
	}
	return reconciles, errors
}
