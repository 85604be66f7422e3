package deployment

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func TestBudget(t *testing.T) {
	type numbers struct{ Wanted, Most, LeastAvailable int64 }
	number, text := intstr.FromInt32, intstr.FromString
	for _, tc := range []struct {
		name               string
		replicas           int32
		surge, unavailable intstr.IntOrString
		want               numbers
	}{
		{"numbers", 10, number(3), number(2), numbers{10, 13, 8}},
		{"surge rounds up, unavailable rounds down", 10, text("25%"), text("25%"), numbers{10, 13, 8}},
		{"exact percentages", 10, text("10%"), text("10%"), numbers{10, 11, 9}},
		{"both zero after rounding", 3, number(0), text("1%"), numbers{3, 3, 2}},
		{"both zero", 3, text("0%"), number(0), numbers{3, 3, 2}},
		{"more unavailable than wanted", 3, number(0), number(7), numbers{3, 3, 0}},
		{"all unavailable", 3, number(0), text("100%"), numbers{3, 3, 0}},
		{"nothing wanted", 0, number(2), number(2), numbers{0, 2, 0}},
		{"nothing wanted, a large percentage", 0, text("100000000000%"), number(0), numbers{0, 0, 0}},
		{"largest surge", 3, number(math.MaxInt32), number(0), numbers{3, math.MaxInt32, 3}},
		{"largest of all", math.MaxInt32, number(math.MaxInt32), number(math.MaxInt32), numbers{math.MaxInt32, math.MaxInt32, 0}},
		{"huge percentage", 3, text("100000000000%"), number(0), numbers{3, math.MaxInt32, 3}},
		{"percentage of more digits than any number has", 3, text("99999999999999999999999999%"), number(0), numbers{3, math.MaxInt32, 3}},
		{"large percentage of the most", math.MaxInt32, text("214748364700%"), text("100%"), numbers{math.MaxInt32, math.MaxInt32, 0}},
		{"no percentage counts as 0", 3, text("three"), number(1), numbers{3, 3, 2}},
		{"negative counts as 0", 3, number(-5), number(-5), numbers{3, 3, 2}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := budgetOf(newDeployment(tc.replicas, bounds(tc.surge, tc.unavailable)))
			if diff := cmp.Diff(tc.want, numbers{b.wanted, b.most(), b.leastAvailable()}); diff != "" {
				t.Errorf("budget (-want +got):\n%s", diff)
			}
		})
	}
}

func TestBudgetOfWhatIsLeftOut(t *testing.T) {
	d := newDeployment(0, func(d *appsv1.Deployment) { d.Spec.Replicas, d.Spec.Strategy.RollingUpdate = nil, nil })
	if diff := cmp.Diff([]int64{1, 0, 1}, []int64{budgetOf(d).wanted, budgetOf(d).surge, budgetOf(d).unavailable}); diff != "" {
		t.Errorf("wanted, surge, unavailable (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{5, 0, 0}, []int64{budgetOf(newDeployment(5, recreate)).wanted, budgetOf(newDeployment(5, recreate)).surge, budgetOf(newDeployment(5, recreate)).unavailable}); diff != "" {
		t.Errorf("wanted, surge, unavailable of Recreate (-want +got):\n%s", diff)
	}
}
