package chart

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/6ead2ce0/wheelhouse/test/cluster"
)

func kinds(objects []*unstructured.Unstructured) []string {
	var list []string
	for _, object := range objects {
		list = append(list, object.GetKind())
	}
	slices.Sort(list)
	return list
}

func TestDefaultIsMadeOf(t *testing.T) {
	want := []string{
		"ClusterRole", "ClusterRoleBinding", "Deployment", "FlowSchema", "PodDisruptionBudget", "Role", "Role", "RoleBinding", "RoleBinding",
		"Service", "ServiceAccount",
		"Pod", "Role", "RoleBinding", "ServiceAccount", // for helm test
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, kinds(Render(t, ""))); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}

func TestPartsAreThereWhenAskedFor(t *testing.T) {
	byDefault := kinds(Render(t, ""))
	for _, part := range Parts() {
		t.Run(part.Name, func(t *testing.T) {
			want := append(slices.Clone(byDefault), part.Adds...)
			for _, kind := range part.Drops {
				i := slices.Index(want, kind)
				want = slices.Delete(want, i, i+1)
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, kinds(Render(t, part.Values))); diff != "" {
				t.Errorf("kinds (-want +got):\n%s", diff)
			}
		})
	}
}

// What is rendered as null is a difference for ever to whoever compares the manifest with the cluster.
func TestNothingIsNull(t *testing.T) {
	for _, part := range append(Parts(), Part{}) {
		for _, object := range Render(t, part.Values) {
			for _, path := range nulls(object.GetKind(), object.Object) {
				t.Errorf("%s: %s is null or empty", part.Name, path)
			}
		}
	}
}

func nulls(path string, value any) []string {
	var found []string
	switch value := value.(type) {
	case nil:
		found = append(found, path)
	case map[string]any:
		for key, v := range value {
			if key != "emptyDir" && key != "namespaceSelector" {
				found = append(found, nulls(path+"."+key, v)...)
			}
		}
		if len(value) == 0 && !strings.Contains(path, "egress") {
			found = append(found, path)
		}
	case []any:
		for _, v := range value {
			found = append(found, nulls(path+"[]", v)...)
		}
	}
	return found
}

func deployment(t *testing.T, values string) appsv1.Deployment {
	t.Helper()
	return As[appsv1.Deployment](t, Find(t, Render(t, values), "Deployment"))
}

// container returns the container of the program.
func container(t *testing.T, values string) corev1.Container {
	t.Helper()
	for _, c := range deployment(t, values).Spec.Template.Spec.Containers {
		if c.Name == "wheelhouse" {
			return c
		}
	}
	t.Fatal("no container is called wheelhouse")
	return corev1.Container{}
}

// An upgrade can't change a selector, so nothing may be in it that an upgrade changes.
func TestSelectorsStay(t *testing.T) {
	want := map[string]string{
		"app.kubernetes.io/name": "wheelhouse", "app.kubernetes.io/instance": "wheelhouse", "app.kubernetes.io/component": "manager",
	}
	for _, values := range []string{"", "image: {tag: v9}", "commonLabels: {a: b, app.kubernetes.io/name: other}\npodLabels: {app.kubernetes.io/name: other}"} {
		d := deployment(t, values)
		if diff := cmp.Diff(want, d.Spec.Selector.MatchLabels); diff != "" {
			t.Errorf("%q: selector (-want +got):\n%s", values, diff)
		}
		for key, value := range want {
			if got := d.Spec.Template.Labels[key]; got != value {
				t.Errorf("%q: the pods' label %s is %q, want %q", values, key, got, value)
			}
		}
	}
}

// A new version of the chart that leaves the pods as they are must not replace them.
func TestPodsDoNotDependOnTheChartsVersion(t *testing.T) {
	newer := copyOfChart(t, "\nversion: 0.1.0", "\nversion: 0.2.0")
	before := deployment(t, "").Spec.Template
	after := As[appsv1.Deployment](t, Find(t, RenderAt(t, newer, ""), "Deployment")).Spec.Template
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the pods of a newer chart differ (-before +after):\n%s", diff)
	}
}

// copyOfChart returns a copy whose Chart.yaml has one text in place of another.
func copyOfChart(t *testing.T, what, with string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(Path(t))); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "Chart.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), what, with, 1)
	if changed == string(text) {
		t.Fatalf("Chart.yaml lacks %q", what)
	}
	if err := os.WriteFile(path, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestLabels(t *testing.T) {
	for _, part := range Parts() {
		if part.Name == "objects of one's own" {
			continue
		}
		for _, object := range Render(t, part.Values+"\ncommonLabels: {team: a}") {
			labels := object.GetLabels()
			if labels["team"] != "a" || labels["app.kubernetes.io/instance"] != Release || labels["app.kubernetes.io/managed-by"] != "Helm" {
				t.Errorf("%s: labels of %s: %v", part.Name, object.GetKind(), labels)
			}
		}
	}
}

func TestImage(t *testing.T) {
	digest := "sha256:" + strings.Repeat("0a", 32)
	for _, tt := range []struct{ values, want string }{
		{"", "wheelhouse:v0.1.0-dev"},
		{"image: {tag: v1+dirty}", "wheelhouse:v1_dirty"},
		{"image: {registry: r.example.com, repository: a/b, tag: c}", "r.example.com/a/b:c"},
		{"global: {imageRegistry: proxy}\nimage: {registry: r.example.com, tag: c}", "proxy/r.example.com/wheelhouse:c"},
		{"image: {tag: c, digest: " + digest + "}", "wheelhouse@" + digest},
	} {
		if got := container(t, tt.values).Image; got != tt.want {
			t.Errorf("%q: image %s, want %s", tt.values, got, tt.want)
		}
		if got := testPod(t, tt.values).Spec.Containers[0].Image; got != tt.want {
			t.Errorf("%q: image of the test %s, want %s", tt.values, got, tt.want)
		}
	}
}

// testPod returns the pod of helm test.
func testPod(t *testing.T, values string) corev1.Pod {
	t.Helper()
	for _, object := range Render(t, values) {
		if object.GetKind() == "Pod" {
			return As[corev1.Pod](t, object)
		}
	}
	t.Fatal("there is no pod for helm test")
	return corev1.Pod{}
}

// Replicas are told apart by the name of their host, which is the pod's if it fits.
func TestNames(t *testing.T) {
	long := strings.Repeat("a", 52)
	for _, tt := range []struct{ values, release, want string }{
		{"", "wheelhouse", "wheelhouse"},
		{"", "prod", "prod-wheelhouse"},
		{"nameOverride: w", "prod", "prod-w"},
		{"fullnameOverride: mine", "prod", "mine"},
		{"", long, long[:46]},
		{"fullnameOverride: " + long[:45] + "-b", "prod", long[:45]},
	} {
		text, err := WithValues(t, "helm", tt.values, "template", tt.release, Path(t))
		if err != nil {
			t.Fatal(err)
		}
		name := Find(t, Objects(t, text), "Deployment").GetName()
		if name != tt.want {
			t.Errorf("%q, release %s: name %s, want %s", tt.values, tt.release, name, tt.want)
		}
		if pod := name + "-6d4cf56db6-abcde"; len(pod) > 63 {
			t.Errorf("a pod's name, %s, is no host's name", pod)
		}
	}
}

// Two releases of one name in two namespaces share nothing.
func TestReleasesDoNotCollide(t *testing.T) {
	seen := map[string]bool{}
	for _, namespace := range []string{"a", "b"} {
		values := "fence: {enabled: true}\nmetricsReader: {create: true}"
		for _, object := range Render(t, values, "--namespace", namespace) {
			if in := object.GetNamespace(); in != namespace && !strings.HasPrefix(in, "kube-system") && in != "" {
				t.Errorf("%s is in namespace %s", object.GetKind(), in)
			}
			id := strings.Join([]string{object.GetKind(), object.GetNamespace(), object.GetName()}, "/")
			if seen[id] {
				t.Errorf("%s is there twice", id)
			}
			seen[id] = true
		}
	}
}

func TestNamespaceOverride(t *testing.T) {
	for _, object := range Render(t, "namespaceOverride: other\nfence: {enabled: true}\nserviceMonitor: {enabled: true}") {
		if in := object.GetNamespace(); in == "wheelhouse" {
			t.Errorf("%s %s is in the release's namespace", object.GetKind(), object.GetName())
		}
	}
	if args := container(t, "namespaceOverride: other").Args; !slices.Contains(args, "--leader-elect-resource-namespace=other") {
		t.Errorf("the lease is elsewhere: %q", args)
	}
}

func TestStrategyFollowsLeaderElection(t *testing.T) {
	for values, want := range map[string]string{
		"": "RollingUpdate", "strategy: {type: Recreate}": "Recreate", "replicas: 1\nleaderElection: {enabled: false}": "Recreate",
	} {
		strategy := deployment(t, values).Spec.Strategy
		if string(strategy.Type) != want {
			t.Errorf("%q: strategy %s, want %s", values, strategy.Type, want)
		}
		if want == "Recreate" && strategy.RollingUpdate != nil {
			t.Errorf("%q: Recreate with settings of RollingUpdate, which the API server refuses", values)
		}
	}
}

func TestSpread(t *testing.T) {
	const own = "topologySpreadConstraints: [{maxSkew: 2, topologyKey: k, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {a: b}}}]"
	for _, c := range deployment(t, "").Spec.Template.Spec.TopologySpreadConstraints {
		if c.LabelSelector == nil || c.LabelSelector.MatchLabels["app.kubernetes.io/instance"] != Release || !slices.Equal(c.MatchLabelKeys, []string{"pod-template-hash"}) {
			t.Errorf("the constraint on %s is not about the pods of one revision", c.TopologyKey)
		}
	}
	c := deployment(t, own).Spec.Template.Spec.TopologySpreadConstraints[0]
	if c.LabelSelector.MatchLabels["a"] != "b" || c.MatchLabelKeys != nil {
		t.Errorf("the constraint's own selector is lost: %v", c)
	}
}

func TestPodHasWhatValuesSay(t *testing.T) {
	pod := deployment(t, everythingOfAPod).Spec.Template
	got := map[string]string{
		"priorityClassName": pod.Spec.PriorityClassName, "runtimeClassName": *pod.Spec.RuntimeClassName, "schedulerName": pod.Spec.SchedulerName,
		"dnsPolicy": string(pod.Spec.DNSPolicy), "init": pod.Spec.InitContainers[0].Name, "beside": pod.Spec.Containers[1].Name,
		"volume": pod.Spec.Volumes[0].Name, "label": pod.Labels["a"], "annotation": pod.Annotations["a"],
		"secrets": pod.Spec.ImagePullSecrets[0].Name + pod.Spec.ImagePullSecrets[1].Name,
	}
	want := map[string]string{
		"priorityClassName": "system-cluster-critical", "runtimeClassName": "r", "schedulerName": "s", "dnsPolicy": "Default",
		"init": "before", "beside": "beside", "volume": "v", "label": "b", "annotation": "b", "secrets": "onetwo",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the pod (-want +got):\n%s", diff)
	}
	c := container(t, everythingOfAPod)
	if env := c.Env[len(c.Env)-1]; env.Name != "A" || c.EnvFrom[0].ConfigMapRef.Name != "c" || c.VolumeMounts[0].MountPath != "/v" {
		t.Errorf("the container lacks what was asked for: %v %v %v", c.Env, c.EnvFrom, c.VolumeMounts)
	}
	if last := c.Args[len(c.Args)-1]; last != "--concurrent-replicaset-syncs=20" {
		t.Errorf("the last argument is %s", last)
	}
}

// A flag that the program doesn't know would end it at its start.
func TestArgsAreFlagsOfTheProgram(t *testing.T) {
	binary, err := cluster.Binary("wheelhouse")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range append(Parts(), Part{}) {
		out, err := run(binary, append(container(t, part.Values).Args, "--help")...)
		if err != nil {
			t.Errorf("%s: %v\n%s", part.Name, err, out)
		}
	}
}

// Values that repeat a default of the program repeat the right one.
func TestDefaultsAreTheProgramsOwn(t *testing.T) {
	usage := cluster.Output(t, "wheelhouse", "--help")
	differ := map[string]string{
		"leader-elect-resource-name":      "is the Deployment's name, so that two releases don't share it",
		"leader-elect-resource-namespace": "is the release's",
	}
	for _, arg := range container(t, "").Args {
		name, value, _ := strings.Cut(strings.TrimPrefix(arg, "--"), "=")
		if _, known := differ[name]; known || name == "v" {
			continue
		}
		if got := defaultOf(usage, name); got != value && got != "["+value+"]" {
			t.Errorf("--%s is %q, and by default %q", name, value, got)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(differ)) {
		if defaultOf(usage, name) == "" {
			t.Errorf("--%s is no flag any more", name)
		}
	}
}

// defaultOf returns what a usage names as the default of a flag, without quotes.
func defaultOf(usage, name string) string {
	for line := range strings.Lines(usage) {
		if strings.HasPrefix(strings.TrimSpace(line), "--"+name+" ") {
			_, value, _ := strings.Cut(strings.TrimSpace(line), "(default ")
			return strings.Trim(strings.TrimSuffix(value, ")"), `"`)
		}
	}
	return ""
}
