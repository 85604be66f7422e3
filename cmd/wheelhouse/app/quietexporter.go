package app

import (
	"context"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/zap"
)

// lossInterval is how often at most the log is told that spans are lost: while the receiver is away, every batch is.
const lossInterval = time.Minute

// quietExporter tells the log of spans that could not be sent, and nobody else: OpenTelemetry's own handler of errors is global.
type quietExporter struct {
	sdktrace.SpanExporter
	log *zap.Logger

	mu   sync.Mutex
	lost int       // guarded by mu: spans of which the log has not been told
	told time.Time // guarded by mu
}

// ExportSpans returns no error.
func (q *quietExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if err := q.SpanExporter.ExportSpans(ctx, spans); err != nil {
		q.note(len(spans), err)
	}
	return nil
}

func (q *quietExporter) note(spans int, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.lost += spans
	if !q.told.IsZero() && time.Since(q.told) < lossInterval {
		return
	}
	q.log.Warn("spans were lost: they could not be sent", zap.Int("spans", q.lost), zap.Error(err))
	q.lost, q.told = 0, time.Now()
}
