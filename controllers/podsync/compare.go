package podsync

import (
	"fmt"

	"go.uber.org/zap/zapcore"
)

// comparison collects changes and the level of the gravest.
type comparison struct {
	changes []string
	level   zapcore.Level
}

// compare tells what has changed between two observations of one pod, and the level at which to log it: info for what
// matters to an operator, debug for the steps in between.
func compare(before, after observation) ([]string, zapcore.Level) {
	c := comparison{level: zapcore.DebugLevel}
	if before.phase != after.phase {
		c.add(zapcore.InfoLevel, "phase %s→%s", before.phase, after.phase)
	}
	if after.scheduled && !before.scheduled {
		c.add(zapcore.InfoLevel, "scheduled")
	}
	if b, a := before.readiness(), after.readiness(); b != a {
		c.add(zapcore.DebugLevel, "ready %s→%s", b, a)
	}
	c.compareReady(before.ready, after.ready)
	if before.restarts != after.restarts {
		c.add(zapcore.InfoLevel, "restarts %d→%d", before.restarts, after.restarts)
	}
	c.compareReason(before.reason, after.reason)
	if after.deleting && !before.deleting {
		c.add(zapcore.InfoLevel, "deletion requested")
	}
	return c.changes, c.level
}

func (c *comparison) add(level zapcore.Level, format string, args ...any) {
	c.changes = append(c.changes, fmt.Sprintf(format, args...))
	c.level = max(c.level, level)
}

func (c *comparison) compareReady(before, after bool) {
	switch {
	case after && !before:
		c.add(zapcore.InfoLevel, "became ready")
	case before && !after:
		c.add(zapcore.InfoLevel, "became unready")
	}
}

// compareReason takes only the beginning and the end of being stuck for important: a pod whose image can't be pulled changes
// between two reasons for ever.
func (c *comparison) compareReason(before, after string) {
	if before == after {
		return
	}
	level := zapcore.DebugLevel
	if (stuckOn(before) == "") != (stuckOn(after) == "") {
		level = zapcore.InfoLevel
	}
	c.add(level, "reason %s→%s", orNone(before), orNone(after))
}

func orNone(reason string) string {
	if reason == "" {
		return "none"
	}
	return reason
}
