package pages

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"go.uber.org/zap"

	"github.com/6ead2ce0/wheelhouse/status"
)

// answer writes the page, or what it shows as JSON.
func (s server) answer(w http.ResponseWriter, r *http.Request, p page) {
	query := r.URL.Query()
	switch format := query.Get("format"); format {
	case "json":
		s.writeJSON(w, http.StatusOK, p.data)
	case "", "html":
		p.refreshes = query.Has("refresh")
		s.writePage(w, http.StatusOK, p)
	default:
		s.refuse(w, r, http.StatusBadRequest, fmt.Sprintf(`The format can be "html" or "json", not %q.`, format))
	}
}

// refuse writes in a sentence why there is no page, in the form that was asked for.
func (s server) refuse(w http.ResponseWriter, r *http.Request, code int, why string) {
	if r.URL.Query().Get("format") == "json" {
		s.writeJSON(w, code, status.Refusal{Error: why})
		return
	}
	s.writePage(w, code, problemPage(http.StatusText(code), why))
}

func (s server) writePage(w http.ResponseWriter, code int, p page) {
	var body bytes.Buffer
	_ = s.assets.frame(p).Render(&body) // a buffer takes all
	write(w, code, "text/html; charset=utf-8", body.Bytes())
}

func (s server) writeJSON(w http.ResponseWriter, code int, value any) {
	body, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		s.log.Error("write status as JSON", zap.Error(err))
		http.Error(w, "The answer can't be written; the log says why.", http.StatusInternalServerError)
		return
	}
	write(w, code, "application/json", append(body, '\n'))
}

func write(w http.ResponseWriter, code int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	_, _ = w.Write(body) // whoever asked may have gone: nobody is left to tell
}
