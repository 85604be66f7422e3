package app_test

import "testing"

func TestControllers(t *testing.T) {
	tests := []struct {
		golden string
		args   []string
	}{
		{"controllers.txt", []string{"controllers"}},
		{"controllers.txt", []string{"controllers", "-o", "table"}},
		{"controllers.json", []string{"controllers", "-o", "json"}},
		{"controllers.yaml", []string{"controllers", "--output=yaml"}},
	}
	for _, tt := range tests {
		t.Run(tt.golden, func(t *testing.T) { wantGolden(t, tt.golden, tt.args...) })
	}
}

func TestControllersOfNone(t *testing.T) {
	if got := execute(nil, "controllers", "-o", "json"); got.out != "[]\n" {
		t.Errorf("the list of no controllers is %q, want an empty list", got.out)
	}
}
