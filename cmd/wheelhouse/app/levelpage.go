package app

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"go.uber.org/zap"
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
	if err := p.setLevel(logger, text); err != nil {
		var unknown *unknownLoggerError
		status := http.StatusBadRequest
		if errors.As(err, &unknown) {
			status = http.StatusNotFound
		}
		http.Error(w, err.Error(), status)
		return
	}
	p.log.Info("log level changed", zap.String("of", logger), zap.String("level", text))
	p.answerLevels(w)
}

func (p *process) setLevel(logger, text string) error {
	if logger != "" && text == followProcess {
		return p.levels.set(logger, nil)
	}
	level, err := parseLevel(text)
	if err != nil {
		return err
	}
	return p.levels.set(logger, &level)
}
