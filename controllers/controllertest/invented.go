package controllertest

import (
	"reflect"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// invented returns a pod that has, in each field, something that the pod doesn't have there. Lists and maps that are not empty keep
// their length, so that declared fields of their items find their places.
func invented(pod *corev1.Pod) *corev1.Pod {
	other, i := pod.DeepCopy(), newInventor()
	i.invent(reflect.ValueOf(&other.ObjectMeta).Elem())
	i.invent(reflect.ValueOf(&other.Spec).Elem())
	i.invent(reflect.ValueOf(&other.Status).Elem())
	return other
}

// inventor has values of types whose fields can't be invented.
type inventor map[reflect.Type]any

func newInventor() inventor {
	at := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
	return inventor{
		reflect.TypeFor[metav1.Time]():        metav1.NewTime(at),
		reflect.TypeFor[metav1.MicroTime]():   metav1.NewMicroTime(at),
		reflect.TypeFor[resource.Quantity]():  resource.MustParse("7"),
		reflect.TypeFor[intstr.IntOrString](): intstr.FromInt32(7),
	}
}

func (i inventor) invent(v reflect.Value) {
	if value, ok := i[v.Type()]; ok {
		v.Set(reflect.ValueOf(value))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for n := range v.NumField() {
			i.invent(v.Field(n))
		}
	case reflect.Pointer:
		if v.IsNil() {
			v.Set(reflect.New(v.Type().Elem()))
		}
		i.invent(v.Elem())
	case reflect.Slice:
		i.inventItems(v)
	case reflect.Map:
		i.inventKeys(v)
	default:
		inventScalar(v)
	}
}

func (i inventor) inventItems(v reflect.Value) {
	if v.Len() == 0 {
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	}
	for n := range v.Len() {
		i.invent(v.Index(n))
	}
}

func (i inventor) inventKeys(v reflect.Value) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	for _, key := range append(v.MapKeys(), reflect.ValueOf("invented").Convert(v.Type().Key())) {
		value := reflect.New(v.Type().Elem()).Elem()
		i.invent(value)
		v.SetMapIndex(key, value)
	}
}

func inventScalar(v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.String:
		v.SetString("invented")
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + 7)
	case reflect.Uint8:
		v.SetUint(v.Uint() + 7)
	}
}
