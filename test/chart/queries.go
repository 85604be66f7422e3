package chart

import (
	"encoding/json"
	"strings"
	"testing"
)

// Query is one of a panel.
type Query struct{ Dashboard, Panel, Expression string }

// Queries returns the queries of a dashboard, with what is chosen for its variables, which stand in pairs with their values. Rates are over
// a minute.
func Queries(t testing.TB, dashboard []byte, chosen ...string) []Query {
	t.Helper()
	var board struct {
		Title  string
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(dashboard, &board); err != nil {
		t.Fatalf("read a dashboard: %v", err)
	}
	choose := strings.NewReplacer(append(chosen, "$cluster", ".*", "$pod", ".*", "$__rate_interval", "1m", "$__range", "5m")...)
	var list []Query
	for _, panel := range board.Panels {
		for _, target := range panel.Targets {
			list = append(list, Query{board.Title, panel.Title, choose.Replace(target.Expr)})
		}
	}
	return list
}
