package pages

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"go.uber.org/zap"
	"k8s.io/client-go/tools/cache"
	g "maragu.dev/gomponents"

	"github.com/6ead2ce0/wheelhouse/controllers/worker"
	"github.com/6ead2ce0/wheelhouse/status"
)

// server answers with the pages.
type server struct {
	config status.Config
	assets assets
	log    *zap.Logger
}

// NewHandler answers at /, /controllers/NAME and /controllers/NAME/keys/NAMESPACE/NAME, each with ?format=json too. It changes nothing.
// It asks nobody who they are: it is for behind [LocalOnly].
func NewHandler(config status.Config, log *zap.Logger) (http.Handler, error) {
	assets, err := newAssets()
	if err != nil {
		return nil, fmt.Errorf("make the pages of the status: %w", err)
	}
	s := server{config: config, assets: assets, log: log}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.process)
	mux.HandleFunc("GET /controllers/{controller}", s.controller)
	mux.HandleFunc("GET /controllers/{controller}/keys/{key...}", s.key)
	mux.HandleFunc("GET "+assetsPath, s.assets.serve)
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, r, http.StatusNotFound, "There is no page here.")
	})
	return safe(mux), nil
}

func (s server) process(w http.ResponseWriter, r *http.Request) {
	p := s.config.Process()
	s.answer(w, r, page{title: "Status", self: home, body: processPage{p}.body, data: p})
}

func (s server) controller(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("controller")
	d, found := s.config.Controller(name)
	if !found {
		s.refuseController(w, r, name)
		return
	}
	s.answer(w, r, page{title: name, self: controllerAddress(name), body: controllerPage{d}.body, data: d})
}

func (s server) key(w http.ResponseWriter, r *http.Request) {
	controller, text := r.PathValue("controller"), r.PathValue("key")
	asked := text == "" // by the form
	if asked {
		text = r.URL.Query().Get("key")
	}
	key, err := parseKey(text)
	if err != nil {
		s.refuse(w, r, http.StatusBadRequest, "A key is NAMESPACE/NAME, or NAME where there is no namespace.")
		return
	}
	d, found := s.config.Key(controller, worker.Key(key))
	switch {
	case !found:
		s.refuseController(w, r, controller)
	case asked:
		http.Redirect(w, r, string(keyAddress(controller, key)), http.StatusSeeOther) //nolint:gosec // the address begins with our path
	default:
		s.answer(w, r, page{
			title: key.String(), above: []g.Node{controllerLink(controller)}, self: keyAddress(controller, key), body: keyPage{d}.body, data: d,
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

func (s server) refuseController(w http.ResponseWriter, r *http.Request, name string) {
	s.refuse(w, r, http.StatusNotFound, fmt.Sprintf("There is no controller %q in this process.", name))
}
