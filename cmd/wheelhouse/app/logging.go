package app

import (
	"fmt"
	"strconv"
	"time"

	"github.com/go-logr/zapr"
	"github.com/spf13/pflag"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"k8s.io/klog/v2"
)

// loggingOptions say what is logged and how.
type loggingOptions struct {
	// Format is text or json. Default: text.
	Format string
	// Verbosity shows more the higher it is: 0 is info and above, 1 adds debug, 4 and more add what client-go does.
	Verbosity int
}

const maxVerbosity = 10 // beyond it, client-go has nothing more to say

func defaultLoggingOptions() loggingOptions {
	return loggingOptions{Format: "text"}
}

func (o *loggingOptions) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Format, "logging-format", o.Format, `How log lines look: "text" or "json".`)
	flags.IntVarP(&o.Verbosity, "v", "v", o.Verbosity, "How much to log: 0 for info and above, 1 with debug, 4 and more with what the client library does; 10 is most.")
}

func (o loggingOptions) validate() error {
	switch {
	case o.Format != "text" && o.Format != "json":
		return fmt.Errorf(`--logging-format: must be "text" or "json", not %q`, o.Format)
	case o.Verbosity < 0 || o.Verbosity > maxVerbosity:
		return fmt.Errorf("--v: must be from 0 to %d, not %d", maxVerbosity, o.Verbosity)
	}
	return nil
}

// logger returns the log of the process, on standard error, and what can change its levels.
func (o loggingOptions) logger() (*zap.Logger, *levels, error) {
	levels := newLevels(levelOf(o.Verbosity))
	config := zap.Config{
		Level:             zap.NewAtomicLevelAt(levelOf(maxVerbosity)), // levels decides
		Encoding:          "json",
		EncoderConfig:     encoderConfig(),
		OutputPaths:       []string{"stderr"},
		ErrorOutputPaths:  []string{"stderr"},
		DisableStacktrace: true, // a panic brings its own
		DisableCaller:     true, // messages are constants: grep finds them
	}
	if o.Format == "text" {
		config.Encoding = "console"
	}
	log, err := config.Build(levels.wrap())
	if err != nil {
		return nil, nil, fmt.Errorf("build the log: %w", err)
	}
	return log, levels, nil
}

func encoderConfig() zapcore.EncoderConfig {
	config := zap.NewProductionEncoderConfig()
	config.EncodeTime = zapcore.TimeEncoderOfLayout("2006-01-02T15:04:05.000Z07:00") // RFC 3339, in milliseconds
	config.EncodeLevel = encodeLevel
	config.EncodeDuration = func(d time.Duration, e zapcore.PrimitiveArrayEncoder) { e.AppendString(d.String()) }
	config.ConsoleSeparator = " "
	return config
}

// encodeLevel writes "info", and "debug" or "debug-4" for what a verbosity of 1 or 4 shows.
func encodeLevel(level zapcore.Level, e zapcore.PrimitiveArrayEncoder) {
	if level < zapcore.DebugLevel {
		e.AppendString("debug" + strconv.Itoa(int(level)))
		return
	}
	e.AppendString(level.String())
}

// libraryLogger is the name under which Kubernetes' libraries log.
const libraryLogger = "client-go"

// captureLibraries sends what Kubernetes' libraries log through klog into our log. There is one klog for all that runs: commands that only
// tell of a process must leave it alone.
func captureLibraries(log *zap.Logger) {
	klog.SetLogger(zapr.NewLogger(log.Named(libraryLogger)))
}

// nameLoggers makes known what has a level of its own. Kubernetes' libraries log as much as the level of their logger says.
func nameLoggers(levels *levels, controllers []string) {
	follow := func(table levelTable) {
		var verbosity klog.Level
		_ = verbosity.Set(strconv.Itoa(max(0, -int(table.of(libraryLogger))))) // its only error is that it's no number
	}
	levels.let(append(controllers, libraryLogger), follow)
	follow(*levels.now.Load())
}
