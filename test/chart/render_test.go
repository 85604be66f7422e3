package chart

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
)

func run(binary string, args ...string) (string, error) {
	out, err := exec.Command(binary, args...).CombinedOutput()
	return string(out), err
}

func TestLint(t *testing.T) {
	for _, program := range []string{"helm", "helm3"} {
		for _, part := range append(Parts(), Part{}) {
			if out, err := WithValues(t, program, part.Values, "lint", "--strict", Path(t)); err != nil {
				t.Errorf("%s lint, %s: %v\n%s", program, part.Name, err, out)
			}
		}
	}
}

// Helm 3 is what many still have. It sorts the objects differently.
func TestHelm3RendersTheSame(t *testing.T) {
	for _, part := range append(Parts(), Part{}) {
		text, err := Template(t, "helm3", Path(t), part.Values)
		if err != nil {
			t.Errorf("%s: %v", part.Name, err)
			continue
		}
		older, newer := map[string]any{}, map[string]any{}
		for _, object := range Objects(t, text) {
			older[object.GetKind()+"/"+object.GetNamespace()+"/"+object.GetName()] = object.Object
		}
		for _, object := range Render(t, part.Values) {
			newer[object.GetKind()+"/"+object.GetNamespace()+"/"+object.GetName()] = object.Object
		}
		if diff := cmp.Diff(newer, older); diff != "" {
			t.Errorf("%s (-helm 4 +helm 3):\n%s", part.Name, diff)
		}
	}
}

// What is rendered anew each time, or asked of the cluster, is a difference for ever between a manifest and what was installed.
func TestTemplatesDependOnValuesAlone(t *testing.T) {
	volatile := regexp.MustCompile(`\b(lookup|now|date|rand\w+|uuidv4|gen\w+|htpasswd|bcrypt|getHostByName|\.Release\.(Revision|IsInstall|IsUpgrade))\b`)
	err := filepath.WalkDir(filepath.Join(Path(t), "templates"), func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		for line := range strings.Lines(string(text)) {
			for _, action := range regexp.MustCompile(`{{.*?}}`).FindAllString(line, -1) {
				if word := volatile.FindString(action); word != "" && !strings.HasPrefix(action, "{{/*") {
					t.Errorf("%s uses %s: %s", path, word, action)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A hook that needs another image breaks where that can't be pulled.
func TestHooksAreForTestsAlone(t *testing.T) {
	for _, part := range Parts() {
		for _, object := range Render(t, part.Values) {
			if hook := object.GetAnnotations()["helm.sh/hook"]; hook != "" && hook != "test" {
				t.Errorf("%s: %s is a hook for %s", part.Name, object.GetKind(), hook)
			}
		}
	}
}

// notes returns what is said after an installation.
func notes(t *testing.T, values string) string {
	t.Helper()
	out, err := WithValues(t, "helm", values, "install", Release, Path(t), "--namespace", "wheelhouse", "--dry-run=client")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(out, "NOTES:\n")
	return text
}

func TestNotes(t *testing.T) {
	for _, tt := range []struct {
		values          string
		want, wantsNone []string
	}{
		{"", []string{
			"runs deployment, podsync, replicaset, with 2 replicas.", "rollout status deployment/wheelhouse", "port-forward", "helm -n wheelhouse test wheelhouse",
			"wheelhouse status --leader-elect-scope=process --leader-elect-resource-name=wheelhouse --leader-elect-resource-namespace=wheelhouse\n",
			"deployment and replicaset wait, Blocked, and begin when", "delete replicasets,deployments -l wheelhouse.dev/canary\n",
		}, []string{"one replica", "hostNetwork", "metricsReader", "each request", "WARNING"}},
		{"rivalCheck: \"off\"\ncontrollers: [replicaset]", []string{"WARNING: with rivalCheck off nothing keeps replicaset from working against"}, []string{"Blocked"}},
		{"controllers: [replicaset]", []string{"replicaset waits, Blocked, and begins when"}, nil},
		{"controllers: [podsync]", []string{"runs podsync, "}, []string{"WARNING"}},
		{"controllers: [podsync]\nreplicas: 1", []string{"1 replica.", "WARNING: with one replica"}, nil},
		{"replicas: 1\nleaderElection: {enabled: false}", []string{"WARNING: without leader election"}, []string{"wheelhouse status", "helm -n"}},
		{"leaderElection: {scope: controller}\nports: {status: 999}", []string{"wheelhouse status deployment --leader-elect-scope=controller", "--status-port=999"}, nil},
		{"hostNetwork: true", []string{"WARNING: with hostNetwork", "port-forward"}, []string{"helm -n"}},
		{"hostNetwork: true\nports: {status: 0}", nil, []string{"hostNetwork"}},
		{"rbac: {create: false}\ncontrollers: [podsync]", []string{"WARNING: without rbac.create",
			"wheelhouse rbac --controllers=podsync --name=wheelhouse --service-account=wheelhouse/wheelhouse --leader-elect=true --rival-check=canary " +
				"--leader-elect-scope=process --leader-elect-resource-name=wheelhouse --leader-elect-resource-namespace=wheelhouse\n"}, nil},
		{"logging: {verbosity: 6}", []string{"WARNING: logging.verbosity 6"}, nil},
		{"serviceMonitor: {enabled: true}", []string{"WARNING: Prometheus may scrape only"}, nil},
		{"ports: {status: 0}", nil, []string{"port-forward", "wheelhouse status"}},
	} {
		text := notes(t, tt.values)
		for _, want := range tt.want {
			if !strings.Contains(text, want) {
				t.Errorf("%q: the notes lack %q:\n%s", tt.values, want, text)
			}
		}
		for _, none := range tt.wantsNone {
			if strings.Contains(text, none) {
				t.Errorf("%q: the notes have %q:\n%s", tt.values, none, text)
			}
		}
	}
}

// The chart below another one: switched by a condition, with global values, an image from the global registry, and anchors.
func TestAsADependency(t *testing.T) {
	parent := t.TempDir()
	if err := os.CopyFS(filepath.Join(parent, "charts", "wheelhouse"), os.DirFS(Path(t))); err != nil {
		t.Fatal(err)
	}
	text := "apiVersion: v2\nname: platform\nversion: 1.0.0\ndependencies: [{name: wheelhouse, version: '*', condition: wheelhouse.enabled}]\n"
	if err := os.WriteFile(filepath.Join(parent, "Chart.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	values := "global: {imageRegistry: proxy, others: 1}\nx-n: &n 3\nwheelhouse: {enabled: true, replicas: *n}"
	objects := RenderAt(t, parent, values, "--namespace", "platform")
	d := Find(t, objects, "Deployment")
	if d == nil || d.GetNamespace() != "platform" {
		t.Fatalf("no Deployment in %v", kinds(objects))
	}
	if n := *As[appsv1.Deployment](t, d).Spec.Replicas; n != 3 {
		t.Errorf("%d replicas, want 3", n)
	}
	if objects := RenderAt(t, parent, "wheelhouse: {enabled: false}"); len(objects) > 0 {
		t.Errorf("switched off, it has %v", kinds(objects))
	}
}

func TestReadmeIsFresh(t *testing.T) {
	path := filepath.Join(Path(t), "README.md")
	want, err := Helm(t, "helm-docs", "--chart-search-root", Path(t), "--dry-run")
	if err != nil {
		t.Fatal(err)
	}
	want = strings.TrimSpace(want) + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if want != string(got) {
		t.Errorf("README.md is stale; run make generate (-want +got):\n%s", cmp.Diff(want, string(got)))
	}
	for line := range strings.Lines(want) {
		if strings.HasPrefix(line, "| ") && strings.HasSuffix(strings.TrimSpace(line), "|  |") {
			t.Errorf("a value has no comment: %s", line)
		}
	}
}
