package memories_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/6ead2ce0/wheelhouse/controllers/internal/memories"
)

func TestMemoryLastsAsLongAsTheObject(t *testing.T) {
	book := memories.New[int]()
	key := memories.Key{Namespace: "here", Name: "web"}
	of := func(uid string) int {
		m := book.Of(key, "uid-1", func() *int { return new(int) })
		if uid != "uid-1" {
			m = book.Of(key, "uid-2", func() *int { return new(int) })
		}
		*m++
		return *m
	}
	got := []int{of("uid-1"), of("uid-1"), of("uid-2"), of("uid-1")}
	book.Forget(key)
	got = append(got, of("uid-1"))
	if diff := cmp.Diff([]int{1, 2, 1, 1, 1}, got); diff != "" {
		t.Errorf("how often each look at the object had been taken (-want +got):\n%s", diff)
	}
	sum := 0
	book.Each(func(m *int) { sum += *m })
	if sum != 1 {
		t.Errorf("the memories add up to %d, want that of the one object", sum)
	}
}
