package simulation

import (
	"errors"
	"math/rand/v2"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// ErrLost is what a client sees of a request that got lost, or whose reply did.
var ErrLost = errors.New("connection reset by peer")

// Killed is what Write panics with to end the process that writes.
type Killed struct{}

// Fate decides what befalls writes.
type Fate struct {
	Random *rand.Rand
	// Faults is how many writes out of 100 go wrong.
	Faults int
	// KillAfter is after how many more writes the process is killed, with the last one carried out. 0 means never.
	KillAfter int

	late []func()
}

// Write carries out a write, or not, and returns what the client sees of it.
func (f *Fate) Write(kind, name string, commit func() error) error {
	if f.Random.IntN(100) < f.Faults {
		return f.fail(kind, name, commit)
	}
	err := commit()
	if f.KillAfter > 0 {
		if f.KillAfter--; f.KillAfter == 0 {
			panic(Killed{})
		}
	}
	return err
}

func (f *Fate) fail(kind, name string, commit func() error) error {
	switch f.Random.IntN(4) {
	case 0:
		return apierrors.NewForbidden(groupResource(kind), name, errors.New("exceeded quota: small"))
	case 1:
		return ErrLost
	case 2:
		f.late = append(f.late, func() { _ = commit() })
		return ErrLost
	}
	_ = commit()
	return ErrLost
}

// CommitLate carries out one of the writes that were on the way when the client gave them up. It returns false if there is none.
func (f *Fate) CommitLate() bool {
	if len(f.late) == 0 {
		return false
	}
	commit := f.late[0]
	f.late = f.late[1:]
	commit()
	return true
}

// DropLate loses the writes that are on the way.
func (f *Fate) DropLate() {
	f.late = nil
}
