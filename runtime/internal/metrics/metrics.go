// Package metrics links what is measured, by hooks, of Go's runtime and by the program's own instruments, and what sends it: chosen when
// a program is built, as the exporters are. A program without it has neither this nor the SDK for metrics.
package metrics

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/env"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/export"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/link"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/measure"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/otlp"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/queue"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

func init() {
	export.NewMeters = func(res *resource.Resource, series int) export.Meters {
		if m := newMeters(res, series); m != nil {
			return m
		}
		return nil
	}
}

var _ sdkmetric.Producer = (*measure.Producer)(nil)

// meters is the SDK's meter provider with a reader that is read every export interval, from the first measurement on. The SDK's
// own periodic reader has a goroutine and a timer, which would keep Go from telling a program that it deadlocks; here the woven
// runtime tells when the interval is over, by a thread that does not count.
type meters struct {
	*sdkmetric.MeterProvider
	recorder *measure.Recorder       // what hooks measure
	reader   *sdkmetric.ManualReader // nil: nothing is sent, but others read
	send     func(context.Context, *metricdata.ResourceMetrics) error
	idle     func() // closes the exporter's connection
	interval time.Duration
	timeout  time.Duration
	alarm    *queue.Alarm

	armed   atomic.Bool // read after the interval
	fresh   atomic.Bool // something was measured since the last export
	foreign atomic.Bool // the program itself measures, of which nobody tells
	useless atomic.Bool // the collector takes no metrics

	exporting sync.Mutex
}

// newMeters makes what OTEL_METRICS_EXPORTER asks for, with at most that many series of a metric; nil for nothing.
func newMeters(res *resource.Resource, series int) *meters {
	m := &meters{
		idle:     func() {},
		interval: env.Duration("OTEL_METRIC_EXPORT_INTERVAL"),
		timeout:  env.Duration("OTEL_METRIC_EXPORT_TIMEOUT"),
	}
	var senders []func(context.Context, *metricdata.ResourceMetrics) error
	shown := false // to Prometheus
	missing := func(name, exporter string) {
		warn.Once("OTEL_METRICS_EXPORTER "+name, link.Missing("OTEL_METRICS_EXPORTER="+name, exporter).Error())
	}
	for _, name := range env.List("OTEL_METRICS_EXPORTER") {
		switch name {
		case "none":
		case "otlp":
			sender, err := otlp.New(otlp.Metrics)
			if err != nil {
				warn.Once("OTEL_EXPORTER_OTLP", err.Error())
			}
			if sender != nil {
				m.idle = sender.Close
				described, scopes := wire.NewResource(res), new(wire.Scopes)
				senders = append(senders, func(ctx context.Context, all *metricdata.ResourceMetrics) error {
					points := wire.Metrics(scopes, all, wire.DefaultLimits)
					if len(points) == 0 {
						return nil
					}
					lost, err := sender.Send(ctx, described, points)
					if err != nil && !m.hides(err) {
						otlp.Metrics.Failed(err, lost, "points of metrics")
					}
					return err
				})
			}
		case "console", "logging":
			if export.ConsoleMetrics == nil {
				missing(name, "console")
				continue
			}
			senders = append(senders, export.ConsoleMetrics)
		case "prometheus":
			if export.Prometheus == nil {
				missing(name, "prometheus")
				continue
			}
			shown = true
		}
	}
	if len(senders) == 0 && !shown {
		return nil
	}
	chosen, examples, exponential := temporality(), exemplarChoices[env.OneOf("OTEL_METRICS_EXEMPLAR_FILTER")], len(senders) > 0 && exponentialHistograms()
	of := chosen(sdkmetric.InstrumentKindHistogram)
	// What is told apart is bounded: a crawler has a server for each page.
	m.recorder = measure.New(measure.Config{Examples: examples.ours, Limit: series, Exponential: exponential,
		Delta: len(senders) > 0 && of == metricdata.DeltaTemporality, Only: !shown})
	options := []sdkmetric.Option{sdkmetric.WithResource(res), sdkmetric.WithExemplarFilter(examples.theirs), sdkmetric.WithCardinalityLimit(series)}
	if len(senders) > 0 {
		m.send = all(senders)
		reads := append(newScheduling(of), sdkmetric.WithTemporalitySelector(chosen), sdkmetric.WithProducer(m.recorder.NewProducer(of, exponential)))
		if exponential {
			reads = append(reads, sdkmetric.WithAggregationSelector(inExponentialBuckets))
		}
		m.reader = sdkmetric.NewManualReader(reads...)
		options = append(options, sdkmetric.WithReader(m.reader))
	}
	var prometheus *sdkmetric.ManualReader
	if shown {
		prometheus = sdkmetric.NewManualReader(append(newScheduling(metricdata.CumulativeTemporality),
			sdkmetric.WithProducer(m.recorder.NewProducer(metricdata.CumulativeTemporality, false)))...)
		options = append(options, sdkmetric.WithReader(prometheus))
	}
	m.MeterProvider = sdkmetric.NewMeterProvider(options...)
	m.alarm = queue.NewAlarm(m.fire)
	if prometheus != nil {
		if err := export.Prometheus(prometheus); err != nil {
			warn.Once("OTEL_METRICS_EXPORTER prometheus", fmt.Sprintf("cannot serve metrics to Prometheus: %v", err))
		}
	}
	observeRuntime(m.MeterProvider)
	return m
}

// all sends by each.
func all(senders []func(context.Context, *metricdata.ResourceMetrics) error) func(context.Context, *metricdata.ResourceMetrics) error {
	if len(senders) == 1 {
		return senders[0]
	}
	return func(ctx context.Context, all *metricdata.ResourceMetrics) (err error) {
		for _, send := range senders {
			if fault := send(ctx, all); fault != nil {
				err = fault
			}
		}
		return err
	}
}

// temporality reads OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE.
func temporality() sdkmetric.TemporalitySelector {
	delta := map[sdkmetric.InstrumentKind]bool{}
	switch env.OneOf("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE") {
	case "delta":
		delta[sdkmetric.InstrumentKindObservableCounter] = true
		fallthrough
	case "lowmemory":
		delta[sdkmetric.InstrumentKindCounter] = true
		delta[sdkmetric.InstrumentKindHistogram] = true
	}
	return func(kind sdkmetric.InstrumentKind) metricdata.Temporality {
		if delta[kind] {
			return metricdata.DeltaTemporality
		}
		return metricdata.CumulativeTemporality
	}
}

// exemplarChoices are the choices of OTEL_METRICS_EXEMPLAR_FILTER, for what hooks measure and for the program's own instruments.
var exemplarChoices = map[string]struct {
	ours   measure.Examples
	theirs exemplar.Filter
}{
	"trace_based": {measure.OfSampled, exemplar.TraceBasedFilter},
	"always_on":   {measure.OfAll, exemplar.AlwaysOnFilter},
	"always_off":  {measure.OfNone, exemplar.AlwaysOffFilter},
}

// exponentialHistograms reports whether the collector is to get histograms with exponential buckets.
func exponentialHistograms() bool {
	return env.OneOf("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION") == "base2_exponential_bucket_histogram"
}

// inExponentialBuckets has the program's own histograms kept so.
func inExponentialBuckets(kind sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	if kind == sdkmetric.InstrumentKindHistogram {
		return sdkmetric.AggregationBase2ExponentialHistogram{MaxSize: 160, MaxScale: 20}
	}
	return sdkmetric.DefaultAggregationSelector(kind)
}

// Meter returns a meter. One that is not a hook's may measure by callbacks, without our being told.
func (m *meters) Meter(name string, options ...metric.MeterOption) metric.Meter {
	if !strings.HasPrefix(name, export.Scope) {
		m.foreign.Store(true)
		m.Measured()
	}
	return m.MeterProvider.Meter(name, options...)
}

// Recorder returns what keeps the measurements of hooks.
func (m *meters) Recorder() *measure.Recorder { return m.recorder }

// Measured has metrics read every interval from now on.
func (m *meters) Measured() {
	if m.reader == nil {
		return
	}
	if !m.fresh.Load() {
		m.fresh.Store(true)
	}
	if !m.armed.Load() && !m.armed.Swap(true) {
		m.alarm.Set(m.interval)
	}
}

// Waits reports whether something is to be sent.
func (m *meters) Waits() bool { return m.fresh.Load() || m.foreign.Load() && m.armed.Load() }

// fire reads and sends.
func (m *meters) fire() {
	ctx, cancel := context.WithTimeout(context.Background(), m.timeout)
	defer cancel()
	m.export(ctx)
	m.Close()
	m.alarm.Settle()
	if !m.useless.Load() {
		m.alarm.Set(m.interval)
	}
}

// export reads and sends.
func (m *meters) export(ctx context.Context) {
	if m.useless.Load() {
		return
	}
	m.exporting.Lock()
	defer m.exporting.Unlock()
	m.fresh.Store(false)
	var all metricdata.ResourceMetrics
	err := m.reader.Collect(ctx, &all)
	if err == nil {
		err = m.send(ctx, &all)
	}
	if err != nil && m.hides(err) {
		m.useless.Store(true)
	}
}

// hides reports whether an error means no more than that nobody asked for metrics, and that this collector takes traces only.
func (m *meters) hides(err error) bool {
	return otlp.Unsupported(err) && !env.Set("OTEL_METRICS_EXPORTER") && !env.Set("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")
}

// ForceFlush sends what was measured since the last export.
func (m *meters) ForceFlush(ctx context.Context) error {
	if m.armed.Load() {
		m.export(ctx)
	}
	return nil
}

// Close closes the connection that is kept.
func (m *meters) Close() { m.idle() }
