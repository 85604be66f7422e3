package deployment

import (
	"math"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// budget says between which bounds a rollout moves. Each number is between 0 and MaxInt32, so that int64 holds any sum.
type budget struct {
	wanted      int64 // replicas of the Deployment
	surge       int64 // pods that there may be on top
	unavailable int64 // pods that may be missing, at most wanted
}

func budgetOf(d *appsv1.Deployment) budget {
	b := budget{wanted: 1} // the API server's default
	if d.Spec.Replicas != nil {
		b.wanted = max(0, int64(*d.Spec.Replicas))
	}
	rolling := d.Spec.Strategy.RollingUpdate
	if d.Spec.Strategy.Type != appsv1.RollingUpdateDeploymentStrategyType {
		return b
	}
	if rolling == nil {
		rolling = &appsv1.RollingUpdateDeployment{}
	}
	// surge rounds up and unavailable rounds down, so that a percentage never takes more pods away than was asked for.
	b.surge = scaled(rolling.MaxSurge, b.wanted, 99)
	b.unavailable = min(scaled(rolling.MaxUnavailable, b.wanted, 0), b.wanted)
	if b.surge == 0 && b.unavailable == 0 {
		b.unavailable = min(1, b.wanted) // else nothing would ever move
	}
	return b
}

// leastAvailable is how many pods must stay available.
func (b budget) leastAvailable() int64 {
	return b.wanted - b.unavailable
}

// most is how many pods there may be, as the annotation max-replicas tells it.
func (b budget) most() int64 {
	return min(b.wanted+b.surge, math.MaxInt32)
}

// scaled returns the number, or the percentage of total rounded by adding so many hundredths, at most MaxInt32. What can't be read
// counts as 0: the API server lets it pass only if it has many digits too many, for which readPercent has an answer.
func scaled(value *intstr.IntOrString, total, hundredths int64) int64 {
	if value == nil {
		return 0
	}
	if value.Type == intstr.Int {
		return max(0, int64(value.IntVal))
	}
	percent := readPercent(value.StrVal)
	if percent/100 > math.MaxInt32 && total > 0 {
		return math.MaxInt32
	}
	whole, rest := percent/100*total, percent%100*total // below 2^62 and 2^38
	return min(whole+(rest+hundredths)/100, math.MaxInt32)
}

// readPercent returns the number before the percent sign, MaxInt64 if it is larger, and 0 if it is none.
func readPercent(text string) int64 {
	digits, ok := strings.CutSuffix(text, "%")
	n, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil && n != math.MaxInt64 {
		return 0
	}
	return max(0, n)
}

// saturate32 returns the int32 that is nearest to n.
func saturate32(n int64) int32 {
	return int32(min(max(n, math.MinInt32), math.MaxInt32))
}
