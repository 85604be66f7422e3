package app

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/6ead2ce0/wheelhouse/serving"
)

// levelPath is where log levels are asked for and changed; behind a slash, those of one controller.
const levelPath = "/debug/log-level"

// followProcess is sent in place of a level, so that a controller has none of its own any more.
const followProcess = "default"

// levelList is what is answered: how much is logged, by the process and by those who may have a level of their own.
type levelList struct {
	Process string            `json:"process"`
	Loggers map[string]string `json:"loggers"`
}

// handleLevels shows log levels and changes them: PUT sends the level alone. /debug/flags/v is kube-controller-manager's way to do it for
// the process.
func (p *process) handleLevels(mux *http.ServeMux) {
	mux.HandleFunc("GET "+levelPath, func(w http.ResponseWriter, _ *http.Request) { p.answerLevels(w) })
	mux.HandleFunc("PUT "+levelPath, p.changeLevel)
	mux.HandleFunc("PUT "+levelPath+"/{logger}", p.changeLevel)
	mux.HandleFunc("PUT /debug/flags/v", p.changeLevel)
}

func (p *process) answerLevels(w http.ResponseWriter) {
	list := p.levels.list()
	answer := levelList{Process: list[""], Loggers: list}
	delete(list, "")
	setHeader(w, "application/json")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		p.log.Debug("can't write the log levels", zap.Error(err))
	}
}

// maxLevelText bounds what is read of a request: longer than any level.
const maxLevelText = 64

func (p *process) changeLevel(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxLevelText))
	if err != nil {
		http.Error(w, "can't read the level: "+err.Error(), http.StatusBadRequest)
		return
	}
	logger, text := r.PathValue("logger"), strings.TrimSpace(string(body))
	if err := p.setLevel(logger, text, func(from, to zapcore.Level) { p.announce(r, logger, from, to) }); err != nil {
		var unknown *unknownLoggerError
		status := http.StatusBadRequest
		if errors.As(err, &unknown) {
			status = http.StatusNotFound
		}
		http.Error(w, err.Error(), status)
		return
	}
	p.answerLevels(w)
}

// announce logs who changes how much is logged, whatever the levels are: whoever wants something not to be seen might begin here.
func (p *process) announce(r *http.Request, logger string, from, to zapcore.Level) {
	unleveled(p.log).Warn("log level is changed", zap.String("of", cmp.Or(logger, "process")),
		zap.String("from", levelText(from)), zap.String("to", levelText(to)),
		zap.String("user", serving.Asker(r.Context())), zap.String("address", r.RemoteAddr))
}

func (p *process) setLevel(logger, text string, announce func(from, to zapcore.Level)) error {
	if logger != "" && text == followProcess {
		return p.levels.set(logger, nil, announce)
	}
	level, err := parseLevel(text)
	if err != nil {
		return err
	}
	return p.levels.set(logger, &level, announce)
}
