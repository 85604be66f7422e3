package status

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"go.uber.org/zap"
	"k8s.io/client-go/tools/cache"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/manager"
)

// server answers with the pages.
type server struct {
	config Config
	views  views
}

// NewHandler answers at /, /controllers/NAME and /controllers/NAME/keys/NAMESPACE/NAME, each with ?format=json too. It changes nothing,
// and answers only those who call it by a name of this machine.
func NewHandler(config Config) (http.Handler, error) {
	views, err := newViews()
	if err != nil {
		return nil, fmt.Errorf("make the pages of the status: %w", err)
	}
	s := server{config: config, views: views}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.process)
	mux.HandleFunc("GET /controllers/{controller}", s.controller)
	mux.HandleFunc("GET /controllers/{controller}/keys/{key...}", s.key)
	mux.HandleFunc("GET "+assetsPath, s.views.assets.serve)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, &problem{http.StatusNotFound, "There is no page here."})
	})
	return localOnly(safe(mux)), nil
}

// problem is why there is no page.
type problem struct {
	code   int
	reason string // a sentence
}

func (s server) process(w http.ResponseWriter, r *http.Request) {
	p := s.config.process()
	s.answer(w, r, page{name: "process.html", title: "Status", data: p})
}

func (s server) controller(w http.ResponseWriter, r *http.Request) {
	status, found := s.lookUp(w, r)
	if !found {
		return
	}
	s.answer(w, r, page{name: "controller.html", title: status.Controller, data: s.config.controllerDetail(status)})
}

func (s server) key(w http.ResponseWriter, r *http.Request) {
	status, found := s.lookUp(w, r)
	if !found {
		return
	}
	text := r.PathValue("key")
	if text == "" { // what the form asks for
		text = r.URL.Query().Get("key")
	}
	ref, err := parseKey(text)
	switch {
	case err != nil:
		s.refuse(w, r, &problem{http.StatusBadRequest, "A key is NAMESPACE/NAME, or NAME where there is no namespace."})
	case r.PathValue("key") == "":
		http.Redirect(w, r, keyPath(status.Controller, ref), http.StatusSeeOther) //nolint:gosec // the path begins here
	default:
		s.answer(w, r, page{
			name: "key.html", title: ref.String(), above: []link{{status.Controller, controllerPath(status.Controller)}},
			data: s.config.keyDetail(status, worker.Key(ref)),
		})
	}
}

// parseKey returns the key that is written "namespace/name" or "name".
func parseKey(text string) (worker.Ref, error) {
	key, err := cache.ParseObjectName(strings.TrimSpace(text))
	if err == nil && key.Name == "" {
		err = errors.New("a key has a name")
	}
	return worker.Ref(key), err
}

// lookUp finds the controller that is asked for, or says that there is none.
func (s server) lookUp(w http.ResponseWriter, r *http.Request) (status manager.Status, found bool) {
	name := r.PathValue("controller")
	if status, found = s.config.find(name); !found {
		s.refuse(w, r, &problem{http.StatusNotFound, fmt.Sprintf("There is no controller %q in this process.", name)})
	}
	return status, found
}

// answer writes the page, or what it shows as JSON.
func (s server) answer(w http.ResponseWriter, r *http.Request, p page) {
	query := r.URL.Query()
	switch format := query.Get("format"); format {
	case "json":
		s.writeJSON(w, http.StatusOK, p.data)
	case "", "html":
		p.refresh = query.Has("refresh")
		p.json = r.URL.EscapedPath() + "?format=json"
		p.self = r.URL.EscapedPath()
		s.writePage(w, http.StatusOK, p)
	default:
		s.refuse(w, r, &problem{http.StatusBadRequest, fmt.Sprintf(`The format can be "html" or "json", not %q.`, format)})
	}
}

// Refusal is the JSON of an answer that isn't one.
type Refusal struct {
	Error string `json:"error"`
}

func (s server) refuse(w http.ResponseWriter, r *http.Request, p *problem) {
	if r.URL.Query().Get("format") == "json" {
		s.writeJSON(w, p.code, Refusal{p.reason})
		return
	}
	s.writePage(w, p.code, page{name: "problem.html", title: http.StatusText(p.code), data: p.reason})
}

func (s server) writePage(w http.ResponseWriter, code int, p page) {
	var body bytes.Buffer
	if err := s.views.write(&body, p); err != nil {
		s.config.Log.Error("write page of the status", zap.String("page", p.name), zap.Error(err))
		http.Error(w, "The page can't be written; the log says why.", http.StatusInternalServerError)
		return
	}
	s.write(w, code, "text/html; charset=utf-8", body.Bytes())
}

func (s server) writeJSON(w http.ResponseWriter, code int, value any) {
	body, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		s.config.Log.Error("write status as JSON", zap.Error(err))
		http.Error(w, "The answer can't be written; the log says why.", http.StatusInternalServerError)
		return
	}
	s.write(w, code, "application/json", append(body, '\n'))
}

func (s server) write(w http.ResponseWriter, code int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	_, _ = w.Write(body) // whoever asked may have gone: nobody is left to tell
}

// Paths of the pages, whatever the names hold.

func controllerPath(controller string) string {
	return "/controllers/" + url.PathEscape(controller)
}

func keyPath(controller string, key worker.Ref) string {
	path := controllerPath(controller) + "/keys/"
	if key.Namespace != "" {
		path += url.PathEscape(key.Namespace) + "/"
	}
	return path + url.PathEscape(key.Name)
}
