package main

import (
	"context"
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

const (
	minutes = 10  // how long a time is shown
	points  = 120 // how many values a line has
	step    = minutes * 60 / points
)

// source is a Prometheus, and the end of the time that is shown.
type source struct {
	address string
	end     time.Time
}

// series is a line: its name in the legend, and its values, NaN where there is none.
type series struct {
	name, controller string
	values           [points + 1]float64
}

// last returns the newest value, and NaN where there is none.
func (s series) last() float64 { return s.values[points] }

// ask returns the series of a panel's query.
func (s source) ask(ctx context.Context, expression, legend string) ([]series, error) {
	expression = regexp.MustCompile(`\$(cluster|namespace|job|pod|controller)\b`).ReplaceAllString(expression, ".*")
	expression = strings.NewReplacer("$__rate_interval", "1m", "$__range", fmt.Sprintf("%dm", minutes)).Replace(expression)
	start := s.end.Unix() - minutes*60
	query := url.Values{"query": {expression}, "start": {fmt.Sprint(start)}, "end": {fmt.Sprint(s.end.Unix())}, "step": {fmt.Sprint(step)}}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.address+"/api/v1/query_range?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer struct {
		Data struct {
			Result []struct {
				Metric map[string]string
				Values [][2]any // when, in seconds, and what, as text
			}
		}
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask for %s: %s", expression, response.Status)
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("read the answer for %s: %w", expression, err)
	}
	var list []series
	for _, result := range answer.Data.Result {
		list = append(list, line(result.Metric, legend, result.Values, start))
	}
	return list, nil
}

// line fills labels into a legend such as "{{controller}} p99", and puts values where their times are.
func line(labels map[string]string, legend string, values [][2]any, start int64) series {
	s := series{controller: labels["controller"]}
	s.name = regexp.MustCompile(`{{\s*\w+\s*}}`).ReplaceAllStringFunc(legend, func(label string) string { return labels[strings.Trim(label, "{} ")] })
	for i := range s.values {
		s.values[i] = math.NaN()
	}
	for _, value := range values {
		at, isNumber := value[0].(float64)
		number, err := strconv.ParseFloat(fmt.Sprint(value[1]), 64)
		if i := int(at-float64(start)) / step; isNumber && err == nil && i >= 0 && i <= points {
			s.values[i] = number
		}
	}
	return s
}
