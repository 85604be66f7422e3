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

// logger returns the log of the process, on standard error.
func (o loggingOptions) logger() (*zap.Logger, error) {
	config := zap.Config{
		Level:             zap.NewAtomicLevelAt(zapcore.Level(-o.Verbosity)), //nolint:gosec // validate bounds it
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
	log, err := config.Build()
	if err != nil {
		return nil, fmt.Errorf("build the log: %w", err)
	}
	return log, nil
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

// captureLibraries sends what Kubernetes' libraries log through klog, which is one for the process, into our log.
func captureLibraries(log *zap.Logger, verbosity int) error {
	var level klog.Level
	if err := level.Set(strconv.Itoa(verbosity)); err != nil {
		return fmt.Errorf("--v: %w", err)
	}
	klog.SetLogger(zapr.NewLogger(log.Named("client-go")))
	return nil
}
