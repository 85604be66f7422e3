package deployment

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/podfacts"
	"github.com/6ead2ce0/wheelhouse/controllers/internal/statushold"
)

// FuzzPlan holds what must be true of every decision, whatever is observed, and of what it leads to.
func FuzzPlan(f *testing.F) {
	f.Add(uint64(1), int32(3), int32(math.MaxInt32), int32(0), uint8(2), uint8(0))
	f.Add(uint64(2), int32(10), int32(3), int32(2), uint8(3), uint8(0))
	f.Add(uint64(3), int32(math.MaxInt32), int32(-25), int32(-25), uint8(4), uint8(1))
	f.Add(uint64(4), int32(0), int32(0), int32(0), uint8(5), uint8(2))
	f.Add(uint64(5), int32(7), int32(-100), int32(-1), uint8(6), uint8(31))
	f.Fuzz(func(t *testing.T, seed uint64, replicas, surge, unavailable int32, sets, flags uint8) {
		for _, problem := range problemsOf(randomObservation(seed, replicas, surge, unavailable, sets%8, flags)) {
			t.Error(problem)
		}
	})
}

// TestPlanInvariants runs the oracle of FuzzPlan over many observations, so that every test run does.
func TestPlanInvariants(t *testing.T) {
	for seed := range uint64(20_000) {
		random := rand.New(rand.NewPCG(seed, 1))
		replicas := []int32{0, 1, 2, 3, 10, 37, math.MaxInt32}[random.IntN(7)]
		surge := []int32{0, 1, 3, -25, -100, math.MaxInt32, math.MinInt32}[random.IntN(7)]
		unavailable := []int32{0, 1, 3, -25, -100}[random.IntN(5)]
		for _, problem := range problemsOf(randomObservation(seed, replicas, surge, unavailable, uint8(random.IntN(6)), uint8(random.IntN(256)))) {
			t.Errorf("seed %d: %s", seed, problem)
		}
		if t.Failed() {
			return
		}
	}
}

func problemsOf(o observation) []string {
	d := plan(o)
	return slices.Concat(checkActions(o, d), checkBudget(o, d), checkProportions(o, d), checkSettles(o), checkCompletes(o))
}

// bound reads a negative number as a percentage.
func bound(n int32) intstr.IntOrString {
	if n < 0 {
		return intstr.FromString(fmt.Sprintf("%d%%", -int64(n)))
	}
	return intstr.FromInt32(n)
}

func randomObservation(seed uint64, replicas, surge, unavailable int32, sets, flags uint8) observation {
	random := rand.New(rand.NewPCG(seed, 2))
	d := newDeployment(max(0, replicas), bounds(bound(surge), bound(unavailable)), deadlineOf(600), historyOf(int32(random.IntN(4))))
	for bit, change := range []func(*appsv1.Deployment){paused, recreate, deletedD, annotated(appsv1.DeprecatedRollbackTo, fmt.Sprint(random.IntN(4)))} {
		if flags&(3<<(2*bit)) == 3<<(2*bit) { // each with one chance in four
			change(d)
		}
	}
	var list []*appsv1.ReplicaSet
	for i := range int(sets) {
		list = append(list, randomSet(random, i, replicas))
	}
	o := newObservation(d, list...)
	for _, set := range o.sets {
		if random.IntN(2) == 0 {
			o.observe(set, random.IntN(5)-2)
		}
	}
	return o
}

// observe shows the pods that the ReplicaSet's status tells of, and some more that aren't available, or fewer. If they are very many,
// none are shown, and the status tells.
func (o observation) observe(set *appsv1.ReplicaSet, more int) {
	if set.Status.Replicas > 200 {
		delete(o.pods, set.UID)
		return
	}
	o.pods[set.UID] = podsOf(set) // nil stands for none, as well
	for i := range max(0, more) {
		pod := newPod(set)
		pod.Name = fmt.Sprint(set.Name, "-more-", i)
		o.pods[set.UID] = append(o.pods[set.UID], pod)
	}
	o.pods[set.UID] = o.pods[set.UID][min(len(o.pods[set.UID]), max(0, -more)):]
}

func randomSet(random *rand.Rand, i int, replicas int32) *appsv1.ReplicaSet {
	image := fmt.Sprint("v", i)
	if random.IntN(3) == 0 {
		image = "new"
	}
	size := []int32{0, int32(random.IntN(5)), int32(random.IntN(20)), max(0, replicas)}[random.IntN(4)]
	set := newSet(image, time.Duration(random.IntN(100))*time.Minute, size, []int32{max(0, replicas), size}[random.IntN(2)], revision(int64(random.IntN(6))))
	set.Name, set.UID = fmt.Sprint("web-", i), types.UID(fmt.Sprint(i))
	has(saturate32(int64(size) + int64(random.IntN(3)-1)*min(1, int64(size))))(set) // one more, or one less, or as many
	if random.IntN(2) == 0 {
		available(int32(random.Int64N(int64(max(0, set.Status.Replicas)) + 1)))(set)
	}
	for _, change := range []func(*appsv1.ReplicaSet){orphan, stranger, unobserved, unmarked(maxReplicasAnnotation), unmarked(revisionAnnotation), marked(maxReplicasAnnotation, fmt.Sprint(random.IntN(30)))} {
		if random.IntN(12) == 0 && len(set.OwnerReferences) > 0 {
			change(set)
		}
	}
	return set
}

// checkActions checks what goes together, and what is left alone.
func checkActions(o observation, d decision) (problems []string) {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if claims := len(d.adopt) + len(d.release); claims > 0 && (d.moves() || d.status != nil || d.rollback != nil) || d.rollback != nil && (d.moves() || d.status != nil) {
		say("adopts, releases or rolls back, and does more: %+v", d)
	}
	if o.deployment.DeletionTimestamp != nil && (d.moves() || d.rollback != nil || len(d.adopt)+len(d.release) > 0) {
		say("acts for a Deployment that is being deleted: %+v", d)
	}
	if d.create != nil && (len(d.changes) > 0 || len(d.remove) > 0 || o.deployment.Spec.Paused) {
		say("creates a ReplicaSet and does more, or is paused")
	}
	for _, c := range d.changes {
		if !c.isNeeded() || c.to < 0 || c.to > math.MaxInt32 {
			say("changes %s without need, or to %d", c.set.Name, c.to)
		}
	}
	for _, set := range d.remove {
		if sameTemplate(&set.Spec.Template, &o.deployment.Spec.Template) && set == newRollout(o, claim(o).own).current || replicasOf(set) > 0 || set.Status.Replicas > 0 {
			say("deletes %s, which is current or has pods", set.Name)
		}
	}
	return problems
}

// checkBudget checks, for every step of a rollout, that available pods stay and others aren't too many.
func checkBudget(o observation, d decision) (problems []string) {
	r := newRollout(o, claim(o).own)
	if isRolling := r.deployment.Spec.Strategy.Type == appsv1.RollingUpdateDeploymentStrategyType; !isRolling || r.resized() || o.deployment.Spec.Paused {
		return nil
	}
	before, kept := r.total(r.all()), r.keptBy(r.all())
	if d.create != nil && int64(*d.create.Spec.Replicas) > max(0, r.most()-before) {
		problems = append(problems, fmt.Sprintf("creates %d pods beside %d, most is %d", *d.create.Spec.Replicas, before, r.most()))
	}
	for _, c := range d.changes {
		r.size[c.set.UID] = c.to
		if total := r.total(r.all()); total > max(before, r.most()) || total > before && total > r.most() {
			problems = append(problems, fmt.Sprintf("%d pods after %s has %d, before it were %d, most is %d", total, c.set.Name, c.to, before, r.most()))
		}
		if now := r.keptBy(r.all()); now < min(kept, r.leastAvailable()) {
			problems = append(problems, fmt.Sprintf("%d available after %s has %d, before it were %d, least is %d", now, c.set.Name, c.to, kept, r.leastAvailable()))
		}
	}
	return problems
}

// checkProportions checks that a change of size is shared out to the last replica.
func checkProportions(o observation, d decision) []string {
	r := newRollout(o, claim(o).own)
	isRolling := r.deployment.Spec.Strategy.Type == appsv1.RollingUpdateDeploymentStrategyType
	if !isRolling || !r.resized() || len(r.active(r.all())) < 2 || r.isSaturated() || r.wantsRollback() || o.deployment.DeletionTimestamp != nil || len(d.adopt)+len(d.release) > 0 {
		return nil
	}
	for _, c := range d.changes {
		r.size[c.set.UID] = c.to
	}
	want := r.allowed()
	if len(r.active(r.all())) == 1 {
		want = r.wanted
	}
	if total := r.total(r.all()); total != want {
		return []string{fmt.Sprintf("%d replicas after resizing, want %d", total, want)}
	}
	return nil
}

// checkSettles checks that planning on what a plan has led to, with the pods as they were, soon plans nothing; and nothing at once
// if it was a step of a rolling update in which nothing was created.
func checkSettles(o observation) (problems []string) {
	const most = 8 // claim, create, roll back, resize, wait for pods, roll out, write the status that was held back, nothing
	o.match = &match{}
	for round := range most {
		d, forgetful := plan(o), o
		if forgetful.match = nil; !reflect.DeepEqual(d, plan(forgetful)) {
			return []string{fmt.Sprintf("round %d: planned %+v, and %+v without remembering which ReplicaSet has the template", round, d, plan(forgetful))}
		}
		if !d.acts() && !d.waits() {
			return nil
		}
		next := carryOut(o, d)
		again := plan(next)
		single := d.create == nil && d.rollback == nil && len(d.adopt)+len(d.release) == 0 && !newRollout(o, claim(o).own).resized() &&
			o.deployment.Spec.Strategy.Type == appsv1.RollingUpdateDeploymentStrategyType
		if single && !d.waits() && (again.moves() || again.rollback != nil || again.status != nil && !d.hold.IsOn()) {
			return []string{fmt.Sprintf("round %d: planned %+v, and on its result %+v", round, d, again)}
		}
		o = next
	}
	return []string{fmt.Sprintf("acts after %d rounds: %+v", most, plan(o))}
}

// checkCompletes checks that a rollout comes to its end in a bounded number of steps if pods do what they are told.
func checkCompletes(o observation) []string {
	replicas := int(*o.deployment.Spec.Replicas)
	if o.deployment.Spec.Paused || o.deployment.DeletionTimestamp != nil || replicas > 1000 { // one by one that would take long
		return nil
	}
	most := 100 + 5*replicas
	for range most {
		d := plan(o)
		if r := newRollout(o, claim(o).own); !d.acts() && !d.hold.IsOn() && r.isComplete(o.deployment.Status) && r.total(r.all()) == r.wanted {
			return nil
		}
		o = obey(carryOut(o, d))
	}
	return []string{fmt.Sprintf("not complete after %d steps: %+v, status %+v", most, scales(plan(o)), o.deployment.Status)}
}

// obey lets each ReplicaSet get a pod closer to what it is asked for, or all the way if that is far.
func obey(o observation) observation {
	for _, set := range o.sets {
		if pods, observed := o.pods[set.UID]; observed {
			census := podfacts.Count(pods, 0, o.now)
			set.Status.Replicas, set.Status.AvailableReplicas = int32(census.Replicas), int32(census.Available)
		}
		pods := closer(int64(set.Status.Replicas), int64(*set.Spec.Replicas))
		ready := min(closer(int64(set.Status.AvailableReplicas), pods), pods)
		set.Status.Replicas, set.Status.ReadyReplicas, set.Status.AvailableReplicas = int32(pods), int32(ready), int32(ready)
		set.Status.ObservedGeneration = set.Generation
		if _, observed := o.pods[set.UID]; observed {
			o.observe(set, 0)
		}
	}
	o.now = o.now.Add(time.Second)
	return o
}

func closer(n, to int64) int64 {
	switch far := max(to-n, n-to); {
	case far > 100 || far == 0:
		return to
	case n < to:
		return n + 1
	}
	return n - 1
}

// carryOut returns what is observed when the decision has been carried out.
func carryOut(o observation, d decision) observation {
	o = cloned(o)
	set := func(uid types.UID) *appsv1.ReplicaSet {
		for _, set := range slices.Concat(o.sets, o.orphans) {
			if set.UID == uid {
				return set
			}
		}
		panic("no ReplicaSet " + uid)
	}
	for _, adopted := range d.adopt {
		set(adopted.UID).OwnerReferences = []metav1.OwnerReference{controllerRef(o.deployment)}
		o.sets = append(o.sets, set(adopted.UID))
	}
	isAdopted := func(s *appsv1.ReplicaSet) bool { return len(s.OwnerReferences) > 0 }
	isGone := func(s *appsv1.ReplicaSet) bool {
		return slices.ContainsFunc(slices.Concat(d.release, d.remove), func(gone *appsv1.ReplicaSet) bool { return gone.UID == s.UID })
	}
	o.orphans, o.sets = slices.DeleteFunc(o.orphans, isAdopted), slices.DeleteFunc(o.sets, isGone)
	if d.create != nil {
		created := d.create.DeepCopy()
		created.UID, created.Generation, created.CreationTimestamp = types.UID(created.Name), 1, metav1.NewTime(o.now)
		o.sets = append(o.sets, created)
	}
	for _, c := range d.changes {
		changeIn(set(c.set.UID), c)
	}
	if d.rollback != nil {
		o.deployment.Spec, o.deployment.Annotations = d.rollback.Spec, d.rollback.Annotations
		o.deployment.Generation++
	}
	if d.status != nil {
		o.deployment.Status = *d.status
		if d.revision != "" {
			o.deployment.Annotations = cloneWith(o.deployment.Annotations, revisionAnnotation, d.revision)
		}
	}
	o.hold, o.wait = d.hold, d.wait
	if d.hold.IsOn() {
		o.hold = statushold.Hold{}.Held(false, o.now.Add(-time.Minute))
	}
	if d.waits() {
		o.wait.since = o.now.Add(-stepHold)
	}
	return o
}

func (d *decision) waits() bool { return d.wait != stepWait{} }

func changeIn(set *appsv1.ReplicaSet, c change) {
	if replicas := int32(c.to); replicas != *set.Spec.Replicas || c.minReadySeconds != nil {
		set.Spec.Replicas = &replicas
		set.Generation++
	}
	if c.minReadySeconds != nil {
		set.Spec.MinReadySeconds = *c.minReadySeconds
	}
	for key, value := range c.annotations {
		set.Annotations = cloneWith(set.Annotations, key, value)
	}
}

func cloned(o observation) observation {
	o.deployment = o.deployment.DeepCopy()
	deep := func(sets []*appsv1.ReplicaSet) (copies []*appsv1.ReplicaSet) {
		for _, set := range sets {
			copies = append(copies, set.DeepCopy())
		}
		return copies
	}
	o.sets, o.orphans, o.pods = deep(o.sets), deep(o.orphans), maps.Clone(o.pods)
	return o
}

func BenchmarkPlan(b *testing.B) {
	sets := []*appsv1.ReplicaSet{newSet("new", 0, 7, 10, available(5), revision(12))}
	for i := range 10 {
		sets = append(sets, newSet(fmt.Sprint("old", i), time.Hour, int32(i/8*3), 10, revision(int64(i))))
	}
	o := newObservation(settled(newDeployment(10, deadlineOf(600)), sets...), sets...)
	for b.Loop() {
		plan(o)
	}
}
