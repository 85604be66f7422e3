package app

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// levels say how much is logged, by the process and by loggers that have a level of their own. They change while the process runs.
type levels struct {
	now atomic.Pointer[levelTable]

	mu     sync.Mutex               // guards changes, and what follows
	change func(levelTable)         // called for each, with mu held
	known  []string                 // the loggers that may have a level of their own
	own    map[string]zapcore.Level // those that have
}

// levelTable is the levels at a time. It doesn't change.
type levelTable struct {
	process zapcore.Level
	own     map[string]zapcore.Level
	least   zapcore.Level // of them all
}

// of returns the level of a logger. Those that are named after another one, behind a dot, share its level.
func (t *levelTable) of(logger string) zapcore.Level {
	if len(t.own) == 0 {
		return t.process
	}
	name, _, _ := strings.Cut(logger, ".")
	if level, ok := t.own[name]; ok {
		return level
	}
	return t.process
}

func newLevels(process zapcore.Level) *levels {
	l := &levels{change: func(levelTable) {}, own: map[string]zapcore.Level{}}
	l.store(process)
	return l
}

// let says which loggers may have a level of their own, and what to call for each change.
func (l *levels) let(known []string, change func(levelTable)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known, l.change = known, change
}

// store makes a new table of l.own and the level of the process, with mu held or before anybody else knows of l.
func (l *levels) store(process zapcore.Level) {
	table := levelTable{process: process, own: maps.Clone(l.own), least: process}
	for _, level := range table.own {
		table.least = min(table.least, level)
	}
	l.now.Store(&table)
	l.change(table)
}

// unknownLoggerError is the error of a logger that has no level of its own.
type unknownLoggerError struct {
	name  string
	known []string
}

func (e *unknownLoggerError) Error() string {
	return fmt.Sprintf("%q is no controller that runs here; there are %s", e.name, strings.Join(e.known, ", "))
}

// set changes the level of a logger, or for "" that of the process. Nil lets a logger follow the process again. Before the change it says
// what it will be to announce.
func (l *levels) set(logger string, level *zapcore.Level, announce func(from, to zapcore.Level)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	table := l.now.Load()
	if !slices.Contains(l.known, logger) && (logger != "" || level == nil) {
		return &unknownLoggerError{logger, l.known}
	}
	to := table.process
	if level != nil {
		to = *level
	}
	announce(table.of(logger), to)
	switch {
	case logger == "":
		l.store(to)
		return nil
	case level == nil:
		delete(l.own, logger)
	default:
		l.own[logger] = *level
	}
	l.store(table.process)
	return nil
}

// list returns the levels by logger, with "" for the process.
func (l *levels) list() map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	table := l.now.Load()
	list := map[string]string{"": levelText(table.process)}
	for _, name := range l.known {
		list[name] = levelText(table.of(name))
	}
	return list
}

// wrap makes a logger keep to the levels. Its own core must let everything through.
func (l *levels) wrap() zap.Option {
	return zap.WrapCore(func(core zapcore.Core) zapcore.Core { return leveledCore{core, l} })
}

// unleveled returns the log without its levels: what is written to it is in the log however little is logged.
func unleveled(log *zap.Logger) *zap.Logger {
	return log.WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core {
		if leveled, ok := core.(leveledCore); ok {
			return leveled.Core
		}
		return core
	}))
}

// leveledCore lets through what the levels say.
type leveledCore struct {
	zapcore.Core
	levels *levels
}

// Enabled reports whether any logger lets the level through: which one it is, is known only when there is an entry.
func (c leveledCore) Enabled(level zapcore.Level) bool { return level >= c.levels.now.Load().least }

// With returns a core with further fields.
func (c leveledCore) With(fields []zapcore.Field) zapcore.Core {
	return leveledCore{c.Core.With(fields), c.levels}
}

// Check adds the core to those that write the entry, if its logger lets it through.
func (c leveledCore) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if entry.Level < c.levels.now.Load().of(entry.LoggerName) {
		return checked
	}
	return checked.AddCore(entry, c.Core)
}

// parseLevel understands error, warn, info, debug, and the numbers of --v.
func parseLevel(text string) (zapcore.Level, error) {
	if verbosity, err := strconv.Atoi(text); err == nil && verbosity >= 0 && verbosity <= maxVerbosity {
		return levelOf(verbosity), nil
	}
	for _, level := range [...]zapcore.Level{zapcore.ErrorLevel, zapcore.WarnLevel, zapcore.InfoLevel, zapcore.DebugLevel} {
		if text == level.String() {
			return level, nil
		}
	}
	return 0, fmt.Errorf("%q is no level: must be error, warn, info, debug, or from 0 to %d as with --v", text, maxVerbosity)
}

// levelOf returns what a verbosity shows.
func levelOf(verbosity int) zapcore.Level {
	return zapcore.Level(-verbosity) //nolint:gosec // whoever calls bounds it
}

// levelText returns what parseLevel understands: a word if there is one, or else the verbosity.
func levelText(level zapcore.Level) string {
	if level < zapcore.DebugLevel {
		return strconv.Itoa(-int(level))
	}
	return level.String()
}
