package together

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/simulation"
)

// mistake is what is wrong with the Deployment controller of a world. The zero value is nothing.
type mistake struct {
	// forgets makes it forget all that it has done after each reconcile.
	forgets bool
	// trusts makes it take its caches to show what earlier leaders wrote.
	trusts bool
	// sleeps makes it look at nothing by itself, without an event.
	sleeps bool
	// stale makes it read from its caches what it should read live.
	stale bool
	// patch changes a JSON patch before it is sent, create a ReplicaSet, and remove the preconditions of a deletion.
	patch  func(*process, simulation.Object, []operation) []operation
	create func(*process, *appsv1.ReplicaSet)
	remove func(*metav1.DeleteOptions)
	// reply changes the error of a write.
	reply func(error) error
}

// operation is one of a JSON patch.
type operation struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value"`
}

// mistakes are safeguards that are taken out of the Deployment controller, or rules that it breaks.
func mistakes() map[string]mistake {
	return map[string]mistake{
		"own writes are forgotten":                            {forgets: true, trusts: true},
		"caches are taken to show what earlier leaders did":   {trusts: true},
		"live reads are not live":                             {stale: true},
		"a lost reply is taken for a refusal":                 {reply: refused},
		"nothing is looked at without an event":               {sleeps: true},
		"replicasets are changed whatever has become of them": {patch: withoutTests},
		"replicasets are deleted whatever has become of them": {remove: func(o *metav1.DeleteOptions) { o.Preconditions = nil }},
		"names of replicasets are left to chance":             {create: func(p *process, set *appsv1.ReplicaSet) { set.Name += string(rune('a' + p.random.IntN(26))) }},
		"annotations are written as the cache shows them":     {patch: withCachedAnnotations},
		"one replica more is asked for":                       {create: func(_ *process, set *appsv1.ReplicaSet) { *set.Spec.Replicas++ }},
		"all replicas of an old replicaset go at once":        {patch: toNone},
	}
}

// TestSimulationFindsMistakes makes one mistake at a time: some simulation must fail then, or the simulations prove nothing.
func TestSimulationFindsMistakes(t *testing.T) {
	const enough = 5_000 // for the mistake that is hardest to find
	for name, m := range mistakes() {
		t.Run(name, func(t *testing.T) {
			w := firstFailure(enough, func(w *world) { w.mistake = m })
			if w == nil {
				t.Fatalf("none of %d simulations failed", enough)
			}
			t.Logf("seed %d: %s", w.seed, w.failure)
		})
	}
}

// refused makes the loss of a reply look like a refusal.
func refused(err error) error {
	if errors.Is(err, simulation.ErrLost) {
		return apierrors.NewForbidden(schema.GroupResource{Resource: "replicasets"}, "", err)
	}
	return err
}

func withoutTests(_ *process, _ simulation.Object, patch []operation) []operation {
	return slices.DeleteFunc(patch, func(o operation) bool { return o.Path == "/metadata/generation" })
}

// withCachedAnnotations makes a patch of annotations do what an update does.
func withCachedAnnotations(p *process, object simulation.Object, patch []operation) []operation {
	held, exists, _ := p.deployments.Store.Get(object)
	if !exists || !slices.ContainsFunc(patch, func(o operation) bool { return strings.HasPrefix(o.Path, "/metadata/annotations/") }) {
		return patch
	}
	text, err := json.Marshal(held.(*appsv1.Deployment).Annotations)
	if err != nil {
		panic(err)
	}
	at := slices.IndexFunc(patch, func(o operation) bool { return strings.HasPrefix(o.Path, "/metadata/annotations/") })
	return slices.Insert(patch, at, operation{"add", "/metadata/annotations", text})
}

// toNone scales to nothing what is to become smaller.
func toNone(_ *process, object simulation.Object, patch []operation) []operation {
	set, ok := object.(*appsv1.ReplicaSet)
	for i, o := range patch {
		var to int32
		if ok && o.Path == "/spec/replicas" && json.Unmarshal(o.Value, &to) == nil && to < *set.Spec.Replicas {
			patch[i].Value = json.RawMessage("0")
		}
	}
	return patch
}
