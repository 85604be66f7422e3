package app

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// leveled returns a process whose controllers are a and b, and what it logs.
func leveled() (*process, *observer.ObservedLogs) {
	core, logs := observer.New(levelOf(maxVerbosity))
	levels := newLevels(zapcore.InfoLevel)
	levels.let([]string{"a", "b"}, func(levelTable) {})
	return &process{log: zap.New(core, levels.wrap()), levels: levels}, logs
}

func unannounced(zapcore.Level, zapcore.Level) {}

func TestEachLoggerHasItsLevel(t *testing.T) {
	p, logs := leveled()
	for logger, level := range map[string]string{"": "warn", "a": "4"} {
		if err := p.setLevel(logger, level, unannounced); err != nil {
			t.Fatal(err)
		}
	}
	for _, log := range []*zap.Logger{p.log, p.log.Named("a"), p.log.Named("a").Named("part").With(zap.Int("n", 1)), p.log.Named("b"), p.log.Named("ab")} {
		log.Log(-5, "verbose 5")
		log.Log(-4, "verbose 4")
		log.Info("info")
		log.Warn("warn")
	}
	var got []string
	for _, entry := range logs.All() {
		got = append(got, entry.LoggerName+": "+entry.Message)
	}
	want := []string{": warn", "a: verbose 4", "a: info", "a: warn", "a.part: verbose 4", "a.part: info", "a.part: warn", "b: warn", "ab: warn"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got)\n%s", diff)
	}
}

// A level that nobody has costs a comparison.
func TestNothingIsBuiltForALevelThatNobodyHas(t *testing.T) {
	p, _ := leveled()
	if p.log.Named("a").Core().Enabled(zapcore.DebugLevel) {
		t.Error("debug is enabled before anybody asked for it")
	}
	if err := p.setLevel("b", "debug", unannounced); err != nil {
		t.Fatal(err)
	}
	if p.log.Named("a").Check(zapcore.DebugLevel, "") != nil {
		t.Error("a logs what b was told to")
	}
	if err := p.setLevel("b", followProcess, unannounced); err != nil {
		t.Fatal(err)
	}
	if p.log.Named("b").Core().Enabled(zapcore.DebugLevel) {
		t.Error("debug is enabled after b was told to follow the process")
	}
}

func TestLevelsChangeWhileOthersLog(t *testing.T) {
	p, _ := leveled()
	var all sync.WaitGroup
	for _, name := range []string{"a", "b"} {
		all.Go(func() {
			for range 1000 {
				p.log.Named(name).Debug("")
			}
		})
		all.Go(func() {
			for range 100 {
				for _, level := range []string{"debug", "error", followProcess} {
					if err := p.setLevel(name, level, unannounced); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	all.Wait()
	if diff := cmp.Diff(map[string]string{"": "info", "a": "info", "b": "info"}, p.levels.list()); diff != "" {
		t.Errorf("levels (-want +got)\n%s", diff)
	}
}

func TestLevelTexts(t *testing.T) {
	for text, want := range map[string]string{"error": "error", "warn": "warn", "info": "info", "debug": "debug", "0": "info", "1": "debug", "4": "4", "10": "10"} {
		level, err := parseLevel(text)
		if err != nil || levelText(level) != want {
			t.Errorf("%s is %q (%v), want %q", text, levelText(level), err, want)
		}
	}
	for _, text := range []string{"", "-1", "11", "fatal", "panic", "INFO", "default", "1.5"} {
		if level, err := parseLevel(text); err == nil {
			t.Errorf("%q is %v, want an error", text, level)
		}
	}
}

func TestLevelPages(t *testing.T) {
	initial := `{"process":"info","loggers":{"a":"info","b":"info"}}` + "\n"
	tests := []struct {
		name, method, path, body string
		status                   int
		want                     string // all of the answer, or how an error begins
	}{
		{"ask", "GET", "/debug/log-level", "", 200, initial},
		{"the process", "PUT", "/debug/log-level", "warn", 200, `{"process":"warn","loggers":{"a":"warn","b":"warn"}}` + "\n"},
		{"the process, as for kube-controller-manager", "PUT", "/debug/flags/v", "4\n", 200, `{"process":"4","loggers":{"a":"4","b":"4"}}` + "\n"},
		{"one", "PUT", "/debug/log-level/b", "debug", 200, `{"process":"info","loggers":{"a":"info","b":"debug"}}` + "\n"},
		{"one as the process", "PUT", "/debug/log-level/b", "default", 200, initial},
		{"the process as itself", "PUT", "/debug/log-level", "default", 400, `"default" is no level: `},
		{"an unknown one", "PUT", "/debug/log-level/c", "debug", 404, `"c" is no controller that runs here; there are a, b`},
		{"no level", "PUT", "/debug/log-level/a", "loud", 400, `"loud" is no level: `},
		{"nothing", "PUT", "/debug/log-level", "", 400, `"" is no level: `},
		{"a novel", "PUT", "/debug/log-level", strings.Repeat("debug", 100), 400, "can't read the level: "},
		{"another method", "POST", "/debug/log-level", "debug", 405, "Method Not Allowed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, _ := leveled()
			mux := http.NewServeMux()
			p.handleLevels(mux)
			answer := httptest.NewRecorder()
			mux.ServeHTTP(answer, httptest.NewRequest(tt.method, tt.path, strings.NewReader(tt.body)))
			if got := answer.Body.String(); answer.Code != tt.status || !strings.HasPrefix(got, tt.want) {
				t.Errorf("status %d, %s, want %d, %s", answer.Code, got, tt.status, tt.want)
			}
		})
	}
}

// Who changes a level is in the log first, also where a warning would not be.
func TestWhoChangesALevelIsLogged(t *testing.T) {
	p, logs := leveled()
	mux := http.NewServeMux()
	p.handleLevels(mux)
	change := func(path, level string) map[string]any {
		request := httptest.NewRequest(http.MethodPut, path, strings.NewReader(level))
		request.RemoteAddr = "10.0.0.1:1"
		mux.ServeHTTP(httptest.NewRecorder(), request)
		all := logs.TakeAll()
		if len(all) != 1 || all[0].Level != zapcore.WarnLevel || all[0].Message != "log level is changed" {
			t.Fatalf("PUT %s %s logs %v, want one warning", path, level, all)
		}
		return all[0].ContextMap()
	}
	want := func(of, from, to string) map[string]any {
		return map[string]any{"of": of, "from": from, "to": to, "user": "", "address": "10.0.0.1:1"}
	}
	for _, step := range []struct{ path, level, of, from, to string }{
		{"/debug/log-level", "error", "process", "info", "error"},
		{"/debug/log-level/a", "debug", "a", "error", "debug"},
		{"/debug/log-level/a", "default", "a", "debug", "error"},
		{"/debug/flags/v", "4", "process", "error", "4"},
	} {
		if diff := cmp.Diff(want(step.of, step.from, step.to), change(step.path, step.level)); diff != "" {
			t.Errorf("PUT %s %s (-want +got)\n%s", step.path, step.level, diff)
		}
	}
	for _, path := range []string{"/debug/log-level/nobody", "/debug/log-level/a"} {
		mux.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPut, path, strings.NewReader(path)))
	}
	if n := logs.Len(); n != 0 {
		t.Errorf("%d lines about changes that were refused, want 0", n)
	}
}

func TestAChangeIsAnnouncedBeforeItHolds(t *testing.T) {
	p, _ := leveled()
	announced := false
	if err := p.setLevel("a", "debug", func(from, _ zapcore.Level) {
		announced = true
		if now := p.levels.now.Load().of("a"); now != from {
			t.Errorf("the level is %v when its change is announced, want %v", now, from)
		}
	}); err != nil || !announced {
		t.Errorf("setLevel = %v, announced: %v, want nil and true", err, announced)
	}
}

func TestLogLevelCommand(t *testing.T) {
	p, _ := leveled()
	mux := http.NewServeMux()
	p.handleLevels(mux)
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer secret" {
			http.Error(w, "Unauthorized", http.StatusUnauthorized)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	defer server.Close()
	server.Config.ErrorLog = zap.NewStdLog(zap.NewNop()) // of the connection that isn't trusted
	steps := []struct {
		name string
		args []string
		want string // the output, or how the error begins
	}{
		{"ask", []string{"--token=secret", "--insecure-skip-tls-verify"}, "LOGGER      LEVEL\n(process)   info\na           info\nb           info\n"},
		{"ask of one", []string{"a", "--token=secret", "--insecure-skip-tls-verify"}, "LOGGER   LEVEL\na        info\n"},
		{"ask of none", []string{"c", "--token=secret", "--insecure-skip-tls-verify"}, `"c" is no controller that runs here; there are a, b`},
		{"change one", []string{"a", "debug", "--token=secret", "--insecure-skip-tls-verify"}, "LOGGER   LEVEL\na        debug\n"},
		{"change the process", []string{"error", "--token=secret", "--insecure-skip-tls-verify"}, "LOGGER      LEVEL\n(process)   error\na           debug\nb           error\n"},
		{"change none", []string{"c", "debug", "--token=secret", "--insecure-skip-tls-verify"}, "ask " + server.URL + `: 404 Not Found: "c" is no controller`},
		{"no level", []string{"a", "loud"}, `"loud" is no level`},
		{"no controller", []string{"../x", "debug"}, `"../x" is no controller`},
		{"too much", []string{"a", "debug", "b"}, `unknown argument "b"`},
		{"who may not", []string{"--token=other", "--insecure-skip-tls-verify"}, "ask " + server.URL + ": 401 Unauthorized: Unauthorized"},
		{"a port that nobody vouches for", []string{"--token=secret"}, "ask " + server.URL + ": "},
		{"a port without TLS", []string{"--token=secret", "--address=http://127.0.0.1:1"}, "--address: must be https://HOST:PORT"},
		{"a kubeconfig that isn't there", []string{"--kubeconfig=/nowhere"}, "--kubeconfig: stat /nowhere: no such file"},
	}
	for _, step := range steps {
		var out strings.Builder
		cmd := logLevelCommand()
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetOut(&out)
		cmd.SetErr(io.Discard)
		cmd.SetArgs(append([]string{"--address=" + server.URL}, step.args...))
		err := cmd.ExecuteContext(t.Context())
		got := out.String()
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, step.want) {
			t.Errorf("%s: %q, want %q", step.name, got, step.want)
		}
	}
}
