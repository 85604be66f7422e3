package controllers

import "fmt"

// FlagError says that the value of a flag can't be used. The host prints it as one line and exits with status 2.
type FlagError struct {
	Flag   string // name without dashes: "concurrent-pod-syncs"
	Reason string // what is wrong, with the value: "must be at least 1, not 0"
}

// Error returns "--flag: reason".
func (e *FlagError) Error() string {
	return fmt.Sprintf("--%s: %s", e.Flag, e.Reason)
}

// CheckAtLeast returns a *FlagError unless value is at least least.
func CheckAtLeast(flag string, value, least int) error {
	if value < least {
		return &FlagError{Flag: flag, Reason: fmt.Sprintf("must be at least %d, not %d", least, value)}
	}
	return nil
}
