package main

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// What Prometheus says is in the picture, and the picture is XML, whatever is in labels.
func TestPictureShowsWhatPrometheusSays(t *testing.T) {
	prometheus := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if query := r.FormValue("query"); query != `max(depth{job=~".*"}[1m])` {
			t.Errorf("asked for %s", query)
		}
		fmt.Fprintf(w, `{"data": {"result": [{"metric": {"controller": "a<b"}, "values": [[%s, "7"]]}]}}`, r.FormValue("end"))
	}))
	defer prometheus.Close()
	const target = `"targets": [{"expr": "max(depth{job=~\"$job\"}[$__rate_interval])", "legendFormat": "{{controller}} now"}], "gridPos": {"w": 8, "h": 8}`
	const file = `{"title": "Board", "panels": [{"type": "stat", "title": "One", ` + target + `}, {"type": "timeseries", "title": "Two", ` + target + `},
		{"type": "stat", "title": "Below", "gridPos": {"y": 30, "h": 1}}]}`
	var picture strings.Builder
	if err := run([]string{prometheus.URL}, strings.NewReader(file), &picture); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Board, 10 minutes", ">One<", ">Two<", "a&lt;b now: 7", "<path d='M"} {
		if !strings.Contains(picture.String(), want) {
			t.Errorf("no %q in %s", want, picture.String())
		}
	}
	if strings.Contains(picture.String(), "Below") {
		t.Error("it shows a panel of later rows")
	}
	if err := xml.Unmarshal([]byte(picture.String()), new(struct{})); err != nil {
		t.Errorf("it is no XML: %v", err)
	}
}
