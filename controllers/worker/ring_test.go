package worker

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unsafe"
)

func TestRingKeepsTheLast(t *testing.T) {
	var r ring
	if got := r.last(10, anyRecord); len(got) > 0 {
		t.Errorf("an empty ring has %v", got)
	}
	for i := range 2*maxRecords + 3 {
		r.note(record{visit: visit{key: Key{Name: fmt.Sprint(i)}}}, time.Time{})
		newest := r.last(2, anyRecord)
		if newest[0].Key.Name != fmt.Sprint(i) || i > 0 && newest[1].Key.Name != fmt.Sprint(i-1) {
			t.Fatalf("after record %d the newest are %v", i, newest)
		}
	}
	all := r.last(10*maxRecords, anyRecord)
	if oldest := all[len(all)-1].Key.Name; len(all) != maxRecords || oldest != fmt.Sprint(maxRecords+3) {
		t.Errorf("%d records are kept, the oldest is %s; want %d, %d", len(all), oldest, maxRecords, maxRecords+3)
	}
}

func anyRecord(*record) bool { return true }

// TestRecordIsBounded makes a record as large as names in the API allow.
func TestRecordIsBounded(t *testing.T) {
	const longestName, longestNamespace, longestKind = 253, 63, 63
	key := Key{Namespace: strings.Repeat("s", longestNamespace), Name: strings.Repeat("n", longestName)}
	var why causes
	var writes tally
	for i := range 1000 {
		why.add(Cause{Event: Updated, Kind: strings.Repeat("k", longestKind), Object: Ref{key.Namespace, fmt.Sprintf("%0*d", longestName, i)}})
		writes.add(Write{Verb: "create", Resource: fmt.Sprintf("%0*d", longestKind, i), Code: 403, Count: 1})
	}
	r := record{visit: visit{key: key, why: why}, err: errorText(errors.New(strings.Repeat("e", 1_000_000)))}
	r.writes, r.writesOmitted = writes.close()
	if got := sizeOf(r); got > maxRecordSize {
		t.Errorf("a record takes up to %d bytes, want at most %d", got, maxRecordSize)
	}
	if r.why.omitted() != 1000-maxCauses || r.writesOmitted != 1000-maxWrites {
		t.Errorf("%d causes and %d writes are counted as left out, want all but %d and %d", r.why.omitted(), r.writesOmitted, maxCauses, maxWrites)
	}
}

// sizeOf returns the bytes that a record and all that it refers to take.
func sizeOf(r record) int {
	size := int(unsafe.Sizeof(r)) + len(r.key.Namespace) + len(r.key.Name) + len(r.err)
	size += int(unsafe.Sizeof(*r.why.more)) + (cap(r.why.more.causes) * int(unsafe.Sizeof(Cause{})))
	for _, c := range r.why.list() {
		size += len(c.Kind) + len(c.Object.Namespace) + len(c.Object.Name)
	}
	size += cap(r.writes) * int(unsafe.Sizeof(Write{}))
	for _, w := range r.writes {
		size += len(w.Resource)
	}
	return size
}
