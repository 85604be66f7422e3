package cluster

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Prometheus is a running Prometheus.
type Prometheus struct {
	*Process
	address string
}

// StartPrometheus runs Debian's Prometheus until the test ends. It scrapes /metrics of the targets ("127.0.0.1:10280") every second, over
// TLS without asking who they are, with a bearer token.
func StartPrometheus(t testing.TB, token string, targets ...string) Prometheus {
	t.Helper()
	return RunPrometheus(t, fmt.Sprintf(`
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: wheelhouse
    scheme: https
    tls_config: {insecure_skip_verify: true}
    authorization: {credentials: %s}
    static_configs: [{targets: [%s]}]
`, token, strings.Join(targets, ", ")))
}

// RunPrometheus runs Debian's Prometheus with a configuration until the test ends.
func RunPrometheus(t testing.TB, config string) Prometheus {
	t.Helper()
	binary := ofPrometheus(t, "prometheus")
	dir := t.TempDir()
	path := filepath.Join(dir, "prometheus.yml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	p := Prometheus{address: "127.0.0.1:" + FreePort(t)}
	p.Process = Start(t, binary, "--config.file="+path, "--storage.tsdb.path="+filepath.Join(dir, "data"), "--web.listen-address="+p.address)
	return p
}

// ofPrometheus returns the path of a program of Debian's package.
func ofPrometheus(t testing.TB, program string) string {
	t.Helper()
	root, err := Root()
	if err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(root, ".cache", "prometheus", "usr", "bin", program)
	if _, err := os.Stat(binary); err != nil {
		t.Fatalf("%v: make prometheus unpacks it", err)
	}
	return binary
}

// CheckMetrics returns what promtool has to say against a page of metrics.
func CheckMetrics(t testing.TB, page string) string {
	t.Helper()
	output, err := Promtool(t, page, "check", "metrics")
	if err != nil {
		return fmt.Sprintf("%v: %s", err, output)
	}
	return output
}

// Promtool runs Debian's promtool and returns what it prints.
func Promtool(t testing.TB, input string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(ofPrometheus(t, "promtool"), args...)
	cmd.Stdin = strings.NewReader(input)
	output, err := cmd.CombinedOutput()
	return string(output), err
}

// Get asks the HTTP API and decodes the data of its answer.
func (p Prometheus) Get(path string, query url.Values, data any) error {
	response, err := http.Get("http://" + p.address + "/api/v1/" + path + "?" + query.Encode())
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	answer := struct {
		Data  any
		Error string
	}{Data: data}
	if err := json.Unmarshal(text, &answer); err != nil {
		return fmt.Errorf("decode %q: %w", text, err)
	}
	if answer.Error != "" {
		return fmt.Errorf("ask %s: %s", path, answer.Error)
	}
	return nil
}

// Count returns the value of a query whose result is one number, such as count(up == 1), and 0 where there is none.
func (p Prometheus) Count(expression string) (float64, error) {
	values, err := p.Values(expression)
	if err != nil || len(values) == 0 {
		return 0, err
	}
	return values[0], nil
}

// Values returns the values of all series that a query brings.
func (p Prometheus) Values(expression string) ([]float64, error) {
	var data struct {
		Result []struct {
			Value [2]any // when, in seconds, and what, as text
		}
	}
	if err := p.Get("query", url.Values{"query": {expression}}, &data); err != nil {
		return nil, err
	}
	values := make([]float64, len(data.Result))
	for i, series := range data.Result {
		if _, err := fmt.Sscan(fmt.Sprint(series.Value[1]), &values[i]); err != nil {
			return nil, fmt.Errorf("read the value of %s: %w", expression, err)
		}
	}
	return values, nil
}

// Brings reports whether the query brings a number.
func (p Prometheus) Brings(expression string) (bool, error) {
	values, err := p.Values(expression)
	return slices.ContainsFunc(values, func(v float64) bool { return !math.IsNaN(v) }), err
}
