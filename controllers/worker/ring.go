package worker

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// maxRecords is how many records are kept of one controller: at the rate of a cluster at rest an hour and more, in a storm the last
// seconds. With the other bounds (maxCauses, maxError, maxWrites, and 253 bytes for a name) they take 4,096 × 4 KiB = 16 MiB at most,
// and less than 2 MiB where names and errors are of usual length.
const maxRecords = 4096

// maxRecordSize bounds a record with all that it refers to, in bytes.
const maxRecordSize = 4096

// ring keeps the last records, and what is worth knowing of all of them.
type ring struct {
	made time.Time

	mu          sync.Mutex
	records     []record // guarded by mu: grows to maxRecords; then the oldest is overwritten
	next        int      // guarded by mu: where the next one goes
	lastSuccess time.Time
	lastError   *record // guarded by mu, as is lastSuccess
	minute      minute  // guarded by mu
}

// note keeps the record of a reconcile that has just ended.
func (r *ring) note(rec record, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	failed := rec.result != succeeded && rec.result != cutShort
	r.minute.count(now, failed)
	switch {
	case failed:
		last := rec
		r.lastError = &last
	case rec.result == succeeded:
		r.lastSuccess = now
	}
	if len(r.records) < maxRecords {
		r.records = append(r.records, rec)
	} else {
		r.records[r.next] = rec
	}
	r.next = (r.next + 1) % maxRecords
}

// last returns the newest n records of those that are wanted, the newest first.
func (r *ring) last(n int, wanted func(*record) bool) []Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []Record
	for i := range len(r.records) {
		if len(found) >= n {
			break
		}
		if rec := r.at(i); wanted(rec) {
			found = append(found, rec.export())
		}
	}
	return found
}

// at returns the i-th newest record. It is called with mu held.
func (r *ring) at(i int) *record {
	return &r.records[(r.next-1-i+2*len(r.records))%len(r.records)]
}

// slowest returns the n records that took longest, the slowest first.
func (r *ring) slowest(n int) []Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]*record, 0, len(r.records))
	for i := range r.records {
		all = append(all, &r.records[i])
	}
	slices.SortStableFunc(all, func(a, b *record) int { return cmp.Compare(b.duration, a.duration) })
	var found []Record
	for _, rec := range all[:min(max(n, 0), len(all))] {
		found = append(found, rec.export())
	}
	return found
}
