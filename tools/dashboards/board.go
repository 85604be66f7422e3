package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// UIDs are part of addresses, by which dashboards and bookmarks lead to each other: they stay.
const (
	overviewUID   = "wheelhouse-overview"
	controllerUID = "wheelhouse-controller"
	podsyncUID    = "wheelhouse-podsync"
)

// tag is what the dashboards find each other by.
const tag = "wheelhouse"

// board returns an empty dashboard with the variables that all have.
func board(uid, title, description string) *dashboard.DashboardBuilder {
	return dashboard.NewDashboardBuilder(title).Uid(uid).Description(description).Tags([]string{tag}).
		Time("now-1h", "now").Refresh("30s").Timezone("browser").Editable().Tooltip(dashboard.DashboardCursorSyncCrosshair).
		Link(dashboard.NewDashboardLinkBuilder("Wheelhouse").Type(dashboard.DashboardLinkTypeDashboards).Tags([]string{tag}).
			IncludeVars(true).KeepTime(true)).
		WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Data source").Type("prometheus")).
		WithVariable(variable("cluster", "Cluster", "wheelhouse_build_info")).
		WithVariable(variable("namespace", "Namespace", `wheelhouse_build_info{cluster=~"$cluster"}`)).
		WithVariable(variable("job", "Job", `wheelhouse_build_info{cluster=~"$cluster", namespace=~"$namespace"}`)).
		WithVariable(variable("pod", "Pod", `wheelhouse_build_info{cluster=~"$cluster", namespace=~"$namespace", job=~"$job"}`))
}

// variable chooses among the values that a label has on the series. All of them match as well where a series has no such label.
func variable(label, title, series string) *dashboard.QueryVariableBuilder {
	text := fmt.Sprintf("label_values(%s, %s)", series, label)
	every := "$__all"
	return dashboard.NewQueryVariableBuilder(label).Label(title).Datasource(source()).
		Query(dashboard.StringOrMap{String: &text}).Definition(text).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortAlphabeticalAsc).
		Multi(true).IncludeAll(true).AllValue(".*").
		Current(dashboard.VariableOption{
			Text:  dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
			Value: dashboard.StringOrArrayOfString{ArrayOfString: []string{every}},
		})
}

// source is the chosen data source.
func source() common.DataSourceRef {
	kind, uid := "prometheus", "${datasource}"
	return common.DataSourceRef{Type: &kind, Uid: &uid}
}

// row adds panels under a title.
func row(b *dashboard.DashboardBuilder, title string, panels ...cog.Builder[dashboard.Panel]) {
	b.WithRow(dashboard.NewRowBuilder(title))
	for _, p := range panels {
		b.WithPanel(p)
	}
}
