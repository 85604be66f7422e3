package main

import (
	"fmt"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	tablepanel "github.com/grafana/grafana-foundation-sdk/go/table"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// Sizes, in units of Grafana's grid, which is 24 wide.
const (
	lineWidth, lineHeight     = 8, 8
	numberWidth, numberHeight = 3, 4
	tableWidth, tableHeight   = 24, 8
)

// lines shows how series went.
func lines(title, unit, description string, queries ...query) *timeseries.PanelBuilder {
	builder := timeseries.NewPanelBuilder().Title(title).Description(description).Unit(unit).Datasource(source()).
		Span(lineWidth).Height(lineHeight).Min(0).FillOpacity(8).ShowPoints(common.VisibilityModeNever).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending)).
		Legend(common.NewVizLegendOptionsBuilder().ShowLegend(true).DisplayMode(common.LegendDisplayModeList).Placement(common.LegendPlacementBottom))
	for i, q := range queries {
		builder.WithTarget(target(i, q).Range())
	}
	return builder
}

// number shows what is now.
func number(title, unit, description string, queries ...query) *stat.PanelBuilder {
	builder := stat.NewPanelBuilder().Title(title).Description(description).Unit(unit).Datasource(source()).
		Span(numberWidth).Height(numberHeight).Orientation(common.VizOrientationAuto).
		GraphMode(common.BigValueGraphModeNone).ColorMode(common.BigValueColorModeValue).Thresholds(thresholds()).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}))
	for i, q := range queries {
		builder.WithTarget(target(i, q).Instant())
		if q.legend != "" {
			builder.TextMode(common.BigValueTextModeValueAndName)
		}
	}
	return builder
}

// redFrom makes numbers red from a value on.
func redFrom(value float64) cog.Builder[dashboard.ThresholdsConfig] {
	return thresholds(dashboard.Threshold{Color: "red", Value: &value})
}

func thresholds(further ...dashboard.Threshold) cog.Builder[dashboard.ThresholdsConfig] {
	steps := append([]dashboard.Threshold{{Color: "green"}}, further...)
	return dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(steps)
}

// column is one of a table.
type column struct{ head, unit, expression string }

// table shows what is now, in a line for each value of the label, which leads to the dashboard of one controller.
func table(title, label, description string, columns ...column) *tablepanel.PanelBuilder {
	heads := map[string]string{}
	builder := tablepanel.NewPanelBuilder().Title(title).Description(description).Unit("short").Datasource(source()).
		Span(tableWidth).Height(tableHeight).
		OverrideByName(label, []dashboard.DynamicConfigValue{{Id: "links", Value: []map[string]any{linkToController()}}})
	for i, c := range columns {
		builder.WithTarget(target(i, query{c.expression, c.head}).Instant().Format(prometheus.PromQueryFormatTable)).
			OverrideByName(c.head, []dashboard.DynamicConfigValue{{Id: "unit", Value: c.unit}})
		heads["Value #"+letter(i)] = c.head
	}
	return builder.
		WithTransformation(dashboard.DataTransformerConfig{Id: "merge", Options: map[string]any{}}).
		WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
			"excludeByName": map[string]bool{"Time": true}, "renameByName": heads,
		}})
}

func linkToController() map[string]any {
	return map[string]any{
		"title": "This controller in depth",
		"url": "/d/" + controllerUID + "?var-controller=${__value.raw}&${datasource:queryparam}&${cluster:queryparam}" +
			"&${namespace:queryparam}&${job:queryparam}&${__url_time_range}",
	}
}

func target(i int, q query) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().Expr(q.expression).LegendFormat(q.legend).RefId(letter(i)).Datasource(source())
}

// letter returns the name of the query with the index, as Grafana gives them.
func letter(i int) string { return fmt.Sprintf("%c", 'A'+i) }
