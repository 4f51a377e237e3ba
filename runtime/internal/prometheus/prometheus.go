// Package prometheus links a server that shows metrics to Prometheus, in its text format (version 0.0.4).
//
// OpenTelemetry's own package for this brings Prometheus' client library with everything that it needs into the module graph of
// whoever builds with the hooks. Names follow OpenTelemetry's specification "Prometheus and OpenMetrics Compatibility": units are
// suffixes, counters end in _total, attributes keep their names with underscores, and target_info has the resource.
package prometheus

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/env"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/export"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

func init() { export.Prometheus = serve }

// serve listens at OTEL_EXPORTER_PROMETHEUS_HOST and OTEL_EXPORTER_PROMETHEUS_PORT, by default localhost:9464.
func serve(reader export.Collector) error {
	listener, err := net.Listen("tcp", net.JoinHostPort(env.Raw("OTEL_EXPORTER_PROMETHEUS_HOST"), strconv.Itoa(env.Int("OTEL_EXPORTER_PROMETHEUS_PORT"))))
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /metrics", func(w http.ResponseWriter, r *http.Request) {
		var all metricdata.ResourceMetrics
		if err := reader.Collect(r.Context(), &all); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write(Text(&all))
	})
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10,
		BaseContext: func(net.Listener) context.Context {
			return trace.ContextWithSpan(context.Background(), active.Suppressed{}) // no spans of what Prometheus asks
		},
	}
	go func() { _ = server.Serve(listener) }()
	return nil
}

// family is what has one name.
type family struct {
	name, kind, help string
	lines            bytes.Buffer
}

// Text writes metrics in Prometheus' text format.
func Text(all *metricdata.ResourceMetrics) []byte {
	var families []*family
	known := map[string]*family{}
	// Two scopes may have a metric of one name; what is of one name stands together.
	add := func(m metricdata.Metrics, kind string) *family {
		name := metricName(m, kind)
		f := known[name]
		switch {
		case f == nil:
			f = &family{name: name, kind: kind, help: m.Description}
			known[name], families = f, append(families, f)
		case f.kind != kind:
			return &family{name: name} // not shown: one name has one kind
		}
		return f
	}
	info := add(metricdata.Metrics{Name: "target_info", Description: "The program"}, "gauge")
	info.sample("", labels(*all.Resource.Set(), ""), 1)
	for _, scope := range all.ScopeMetrics {
		extra := `otel_scope_name="` + escape(scope.Scope.Name) + `"`
		for _, m := range scope.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Gauge[int64]:
				numbers(add(m, "gauge"), data.DataPoints, extra)
			case metricdata.Gauge[float64]:
				numbers(add(m, "gauge"), data.DataPoints, extra)
			case metricdata.Sum[int64]:
				numbers(add(m, sumKind(data.IsMonotonic)), data.DataPoints, extra)
			case metricdata.Sum[float64]:
				numbers(add(m, sumKind(data.IsMonotonic)), data.DataPoints, extra)
			case metricdata.Histogram[int64]:
				histograms(add(m, "histogram"), data.DataPoints, extra)
			case metricdata.Histogram[float64]:
				histograms(add(m, "histogram"), data.DataPoints, extra)
			}
		}
	}
	var out bytes.Buffer
	for _, f := range families {
		if help := helpEscaper.Replace(wire.Text(f.help, wire.MaxText)); help != "" {
			fmt.Fprintf(&out, "# HELP %s %s\n", f.name, help)
		}
		fmt.Fprintf(&out, "# TYPE %s %s\n%s", f.name, f.kind, f.lines.Bytes())
	}
	return out.Bytes()
}

func sumKind(monotonic bool) string {
	if monotonic {
		return "counter"
	}
	return "gauge"
}

// units are the suffixes for units whose names are not their symbols.
var units = map[string]string{
	"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds", "min": "minutes", "h": "hours", "d": "days",
	"By": "bytes", "KiBy": "kibibytes", "MiBy": "mebibytes", "kBy": "kilobytes", "MBy": "megabytes", "%": "percent", "1": "",
}

// metricName adds unit and kind to a name.
func metricName(m metricdata.Metrics, kind string) string {
	name := clean(m.Name[:min(len(m.Name), wire.MaxName)])
	unit, known := units[m.Unit]
	if !known && !strings.HasPrefix(m.Unit, "{") {
		unit = clean(m.Unit[:min(len(m.Unit), 64)])
	}
	if m.Unit == "1" && kind == "gauge" {
		unit = "ratio"
	}
	if unit != "" && !strings.HasSuffix(name, "_"+unit) {
		name = strings.TrimSuffix(name, "_total") + "_" + unit
	}
	if kind == "counter" && !strings.HasSuffix(name, "_total") {
		name += "_total"
	}
	return name
}

// clean makes a name of letters, digits and single underscores.
func clean(name string) string {
	var b strings.Builder
	for i, c := range []byte(name) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == ':', '0' <= c && c <= '9' && i > 0:
			b.WriteByte(c)
		case '0' <= c && c <= '9':
			b.WriteByte('_')
			b.WriteByte(c)
		case !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	return b.String()
}

// escaper and helpEscaper write what the format has another meaning for.
var (
	escaper     = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)
	helpEscaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
)

// escape makes a label's value of a text: cut, and valid, as Prometheus takes nothing of an answer that holds something else.
func escape(value string) string { return escaper.Replace(wire.Text(value, wire.MaxText)) }

// labels writes attributes as labels. Values of attributes whose names come to be one are joined.
func labels(attrs attribute.Set, extra string) string {
	values := map[string][]string{}
	for _, kv := range attrs.ToSlice() {
		name := strings.ReplaceAll(clean(string(kv.Key[:min(len(kv.Key), wire.MaxName)])), ":", "_")
		values[name] = append(values[name], kv.Value.Emit())
	}
	var all []string
	for name, v := range values {
		all = append(all, name+`="`+escape(strings.Join(v, ";"))+`"`)
	}
	slices.Sort(all)
	if extra != "" {
		all = append(all, extra)
	}
	return strings.Join(all, ",")
}

func (f *family) sample(suffix, labels string, value float64) {
	f.lines.WriteString(f.name + suffix)
	if labels != "" {
		f.lines.WriteString("{" + labels + "}")
	}
	f.lines.WriteString(" " + number(value) + "\n")
}

func number(value float64) string {
	switch {
	case math.IsInf(value, 1):
		return "+Inf"
	case math.IsInf(value, -1):
		return "-Inf"
	}
	return strconv.FormatFloat(value, 'g', -1, 64)
}

func numbers[N int64 | float64](f *family, points []metricdata.DataPoint[N], extra string) {
	for _, p := range points {
		f.sample("", labels(p.Attributes, extra), float64(p.Value))
	}
}

func histograms[N int64 | float64](f *family, points []metricdata.HistogramDataPoint[N], extra string) {
	for _, p := range points {
		l, sum := labels(p.Attributes, extra), uint64(0)
		for i, bound := range p.Bounds {
			sum += p.BucketCounts[i]
			f.sample("_bucket", l+`,le="`+number(bound)+`"`, float64(sum))
		}
		f.sample("_bucket", l+`,le="+Inf"`, float64(p.Count))
		f.sample("_sum", l, float64(p.Sum))
		f.sample("_count", l, float64(p.Count))
	}
}
