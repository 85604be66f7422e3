package controllertest

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	applycorev1 "k8s.io/client-go/applyconfigurations/core/v1"
)

func TestEnvRunsAController(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := Env(t, configMap("a"))
		controller, err := sampleOf(bad{})().New(env.Env)
		if err != nil {
			t.Fatal(err)
		}
		env.Run(t, controller)
		if _, err := env.API.CoreV1().ConfigMaps("default").Create(t.Context(), configMap("b"), metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		for _, name := range []string{"a", "b"} {
			cm, err := env.API.CoreV1().ConfigMaps("default").Get(t.Context(), name, metav1.GetOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string]string{annotation: "yes"}, cm.Annotations); diff != "" {
				t.Errorf("annotations of %s (-want +got)\n%s", name, diff)
			}
		}
	})
}

func TestServerTellsObjectsApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		env := Env(t, &corev1.ConfigMapList{Items: []corev1.ConfigMap{*configMap("a"), *configMap("b")}})
		generated := configMap("")
		generated.GenerateName = "c-"
		configMaps := env.API.CoreV1().ConfigMaps("default")
		for range 2 {
			if _, err := configMaps.Create(t.Context(), generated, metav1.CreateOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		list, err := configMaps.List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		names, uids, versions := map[string]bool{}, map[types.UID]bool{}, map[string]bool{}
		for _, cm := range list.Items {
			names[cm.Name], uids[cm.UID], versions[cm.ResourceVersion] = true, true, true
			if !cm.CreationTimestamp.Time.Equal(time.Now()) {
				t.Errorf("%s was created at %v, want now", cm.Name, cm.CreationTimestamp)
			}
		}
		for what, n := range map[string]int{"names": len(names), "UIDs": len(uids), "versions": len(versions)} {
			if n != 4 {
				t.Errorf("4 objects have %d %s", n, what)
			}
		}
	})
}

func TestServerVersionsFollowTheWrites(t *testing.T) {
	env := Env(t, configMap("a"))
	configMaps := env.API.CoreV1().ConfigMaps("default")
	old, err := configMaps.Get(t.Context(), "a", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	writes := map[string]func() (*corev1.ConfigMap, error){
		"update": func() (*corev1.ConfigMap, error) {
			newest, err := configMaps.Get(t.Context(), "a", metav1.GetOptions{})
			if err != nil {
				return nil, err
			}
			return configMaps.Update(t.Context(), newest, metav1.UpdateOptions{})
		},
		"patch": func() (*corev1.ConfigMap, error) {
			return configMaps.Patch(t.Context(), "a", types.MergePatchType, []byte(`{"data":{"k":"v"}}`), metav1.PatchOptions{})
		},
		"apply": func() (*corev1.ConfigMap, error) {
			return configMaps.Apply(t.Context(), applycorev1.ConfigMap("a", "default").WithData(map[string]string{"l": "w"}), metav1.ApplyOptions{FieldManager: "test"})
		},
	}
	before := old.ResourceVersion
	for name, write := range writes {
		written, err := write()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		list, err := configMaps.List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if written.ResourceVersion == before || written.ResourceVersion != list.ResourceVersion {
			t.Errorf("%s went from version %s to %s, the list has %s", name, before, written.ResourceVersion, list.ResourceVersion)
		}
		before = written.ResourceVersion
	}
	if _, err := configMaps.Update(t.Context(), old, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
		t.Errorf("an update of an old version returned %v, want a conflict", err)
	}
}

func TestServerCreatesWhatIsApplied(t *testing.T) {
	env := Env(t)
	applied, err := env.API.CoreV1().ConfigMaps("default").Apply(t.Context(), applycorev1.ConfigMap("a", "default"), metav1.ApplyOptions{FieldManager: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if applied.UID == "" || applied.ResourceVersion == "" {
		t.Errorf("applied object has UID %q and version %q", applied.UID, applied.ResourceVersion)
	}
}
