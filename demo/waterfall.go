package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"maps"
	"slices"
	"time"
)

//go:embed waterfall.html.tmpl
var waterfallText string

var waterfall = template.Must(template.New("waterfall").Funcs(template.FuncMap{"short": short}).Parse(waterfallText))

type page struct {
	Subtitle string
	Services []service
	Spans    int
	Traces   []pageTrace
}

type service struct {
	Name string
	// Hue is an index into the page's colours.
	Hue int
}

type pageTrace struct {
	*Trace
	Ticks []tick
	Rows  []row
}

type tick struct {
	Left float64
	Text string
}

type row struct {
	*Node
	Depth       int
	Hue         int
	Left, Width float64
	// Flip says that the duration stands left of the bar, since there is no room on the right.
	Flip    bool
	Note    string
	Details []detail
}

type detail struct{ Key, Value string }

// writeWaterfall writes the traces as one HTML page that needs nothing else.
func writeWaterfall(w io.Writer, traces []*Trace, subtitle string) error {
	view := page{Subtitle: subtitle}
	hues := map[string]int{}
	connected, single := split(traces)
	for _, trace := range slices.Concat(connected, single) {
		one := pageTrace{Trace: trace}
		for i := range 5 {
			one.Ticks = append(one.Ticks, tick{float64(i) * 25, short(trace.Duration() * time.Duration(i) / 4)})
		}
		var add func(node *Node, depth int)
		add = func(node *Node, depth int) {
			hue, known := hues[node.Service]
			if !known {
				hue = len(hues) % 6
				hues[node.Service] = hue
				view.Services = append(view.Services, service{node.Service, hue})
			}
			from, to := place(trace, node)
			one.Rows = append(one.Rows, row{
				Node: node, Depth: depth, Hue: hue, Left: 100 * from, Width: 100 * (to - from), Flip: to > 0.85,
				Note: node.note(), Details: details(node),
			})
			for _, child := range node.Children {
				add(child, depth+1)
			}
		}
		for _, root := range trace.Roots {
			add(root, 0)
		}
		view.Spans += trace.Spans
		view.Traces = append(view.Traces, one)
	}
	return waterfall.Execute(w, view)
}

func details(node *Node) []detail {
	list := []detail{
		{"span id", node.SpanID},
		{"parent id", node.ParentID},
		{"kind", node.Kind},
		{"status", node.Status},
		{"scope", node.Scope},
	}
	if node.ParentID == "" {
		list[1].Value = "none"
	}
	if node.StatusMessage != "" {
		list = append(list, detail{"status message", node.StatusMessage})
	}
	for _, key := range slices.Sorted(maps.Keys(node.Attributes)) {
		list = append(list, detail{key, plain(node.Attributes[key])})
	}
	for _, event := range node.Events {
		list = append(list, detail{"event at " + short(event.Time.Sub(node.Start)), event.Name + " " + plain(event.Attributes)})
	}
	return list
}

func plain(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
