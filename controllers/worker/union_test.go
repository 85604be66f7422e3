package worker

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnionNamesEachKeyOnce(t *testing.T) {
	a, b, c := Key{Name: "a"}, Key{Name: "b"}, Key{Name: "c"}
	tests := []struct {
		name                string
		first, second, want []Key
	}{
		{"the same", []Key{a}, []Key{a}, []Key{a}},
		{"another", []Key{a}, []Key{b}, []Key{a, b}},
		{"some of both", []Key{a, b}, []Key{b, c}, []Key{a, b, c}},
		{"none before", nil, []Key{a}, []Key{a}},
		{"none after", []Key{a}, nil, []Key{a}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, union(tt.first, tt.second)); diff != "" {
				t.Errorf("union (-want +got)\n%s", diff)
			}
		})
	}
}
