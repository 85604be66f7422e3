package app

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

func TestLogLines(t *testing.T) {
	entry := zapcore.Entry{
		Level: zapcore.InfoLevel, LoggerName: "podsync", Message: "pod changed",
		Time: time.Date(2026, 1, 2, 3, 4, 5, 6_700_000, time.UTC),
	}
	verbose := entry
	verbose.Level = zapcore.Level(-4)
	fields := []zapcore.Field{
		zap.String("pod", "ns/a\nforged line \x1b[31m"), zap.Duration("took", 1500*time.Millisecond), zap.Error(errors.New("two\nlines")),
	}
	tests := []struct {
		name    string
		encoder zapcore.Encoder
		entry   zapcore.Entry
		fields  []zapcore.Field
		want    string
	}{
		{"text", zapcore.NewConsoleEncoder(encoderConfig()), entry, fields,
			`2026-01-02T03:04:05.006Z info podsync pod changed {"pod": "ns/a\nforged line \u001b[31m", "took": "1.5s", "error": "two\nlines"}` + "\n"},
		{"json", zapcore.NewJSONEncoder(encoderConfig()), entry, fields,
			`{"level":"info","ts":"2026-01-02T03:04:05.006Z","logger":"podsync","msg":"pod changed",` +
				`"pod":"ns/a\nforged line \u001b[31m","took":"1.5s","error":"two\nlines"}` + "\n"},
		{"a verbosity", zapcore.NewConsoleEncoder(encoderConfig()), verbose, nil, "2026-01-02T03:04:05.006Z debug-4 podsync pod changed\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			line, err := tt.encoder.EncodeEntry(tt.entry, tt.fields)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, line.String()); diff != "" {
				t.Errorf("line (-want +got)\n%s", diff)
			}
		})
	}
}

func TestVerbosity(t *testing.T) {
	tests := []struct {
		verbosity int
		shown     []zapcore.Level
		hidden    []zapcore.Level
	}{
		{0, []zapcore.Level{zapcore.InfoLevel, zapcore.ErrorLevel}, []zapcore.Level{zapcore.DebugLevel, -4}},
		{1, []zapcore.Level{zapcore.DebugLevel}, []zapcore.Level{-2}},
		{10, []zapcore.Level{-10}, nil},
	}
	for _, tt := range tests {
		log, _, err := loggingOptions{Format: "text", Verbosity: tt.verbosity}.logger()
		if err != nil {
			t.Fatal(err)
		}
		for _, level := range tt.shown {
			if !log.Core().Enabled(level) {
				t.Errorf("verbosity %d hides %v", tt.verbosity, level)
			}
		}
		for _, level := range tt.hidden {
			if log.Core().Enabled(level) {
				t.Errorf("verbosity %d shows %v", tt.verbosity, level)
			}
		}
	}
}
