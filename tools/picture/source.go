package main

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// source is a Prometheus, and the time of which it is asked.
type source struct {
	address string
	end     time.Time
	span    time.Duration
}

// points is how many values a line has.
const points = 120

// series is a line: its name in the legend, and its values, NaN where there is none.
type series struct {
	name   string
	labels map[string]string
	values [points + 1]float64
}

// last returns the newest value, and NaN where there is none.
func (s series) last() float64 { return s.values[points] }

// ask returns the series of a panel's query.
func (s source) ask(expression, legend string) ([]series, error) {
	expression = strings.NewReplacer("$cluster", ".*", "$namespace", ".*", "$job", ".*", "$pod", ".*", "$controller", ".*",
		"$__rate_interval", "1m", "$__range", fmt.Sprintf("%ds", int(s.span.Seconds()))).Replace(expression)
	step, start := s.span/points, s.end.Add(-s.span)
	query := url.Values{"query": {expression}, "start": {seconds(start)}, "end": {seconds(s.end)}, "step": {fmt.Sprint(step.Seconds())}}
	response, err := http.Get(s.address + "/api/v1/query_range?" + query.Encode())
	if err != nil {
		return nil, fmt.Errorf("ask Prometheus: %w", err)
	}
	defer response.Body.Close()
	var answer struct {
		Error string
		Data  struct {
			Result []struct {
				Metric map[string]string
				Values [][2]any // when, in seconds, and what, as text
			}
		}
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Error != "" {
		return nil, fmt.Errorf("ask Prometheus for %s: %s %w", expression, answer.Error, err)
	}
	var list []series
	for _, result := range answer.Data.Result {
		line := series{name: named(legend, result.Metric), labels: result.Metric}
		for i := range line.values {
			line.values[i] = math.NaN()
		}
		for _, value := range result.Values {
			at, isNumber := value[0].(float64)
			number, err := strconv.ParseFloat(fmt.Sprint(value[1]), 64)
			i := int(math.Round((at - float64(start.UnixMilli())/1000) / step.Seconds()))
			if isNumber && err == nil && i >= 0 && i <= points {
				line.values[i] = number
			}
		}
		list = append(list, line)
	}
	return list, nil
}

func seconds(t time.Time) string { return fmt.Sprintf("%.3f", float64(t.UnixMilli())/1000) }

// named fills labels into a legend such as "{{controller}} p99".
func named(legend string, labels map[string]string) string {
	return regexp.MustCompile(`{{\s*(\w+)\s*}}`).ReplaceAllStringFunc(legend, func(label string) string {
		return labels[strings.Trim(label, "{} ")]
	})
}
