package sdk

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/otlp"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
)

// Scope is the prefix of the hooks' instrumentation scopes.
const Scope = "github.com/rules-go-weave/rules_go_weave/instrumentation/"

// meters is the SDK's meter provider with a reader that reads when there is something to read: as long as only hooks measure,
// one export interval after a measurement, and not again before the next one. The SDK's own periodic reader has a goroutine and
// a timer, which would keep Go from telling a program that it deadlocks.
type meters struct {
	*sdkmetric.MeterProvider
	reader   *sdkmetric.ManualReader
	client   *otlp.Client
	interval time.Duration
	timeout  time.Duration
	timer    *time.Timer

	armed    atomic.Bool // the timer is set
	periodic atomic.Bool // the program measures, too, and may do it by callbacks: read for ever
	useless  atomic.Bool // the collector takes no metrics

	exporting sync.Mutex
}

// newMeters makes what OTEL_METRICS_EXPORTER asks for; nil for nothing.
func newMeters(res *resource.Resource) *meters {
	switch name := strings.ToLower(strings.TrimSpace(os.Getenv("OTEL_METRICS_EXPORTER"))); name {
	case "none":
		return nil
	default:
		warn.Once("OTEL_METRICS_EXPORTER", fmt.Sprintf("OTEL_METRICS_EXPORTER %q is not one of otlp, none; using none", name))
		return nil
	case "", "otlp":
	}
	config, err := otlp.ConfigFromEnv(otlp.Metrics)
	if err != nil {
		warn.Once("OTEL_EXPORTER_OTLP", err.Error())
	}
	m := &meters{
		reader:   sdkmetric.NewManualReader(sdkmetric.WithTemporalitySelector(temporality())),
		client:   otlp.NewClient(config),
		interval: milliseconds("OTEL_METRIC_EXPORT_INTERVAL", time.Minute),
		timeout:  milliseconds("OTEL_METRIC_EXPORT_TIMEOUT", 30*time.Second),
	}
	m.MeterProvider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(m.reader), sdkmetric.WithResource(res),
		// What is told apart is bounded: a crawler has a server for each page.
		sdkmetric.WithCardinalityLimit(2000))
	// Made here, outside of every synctest bubble.
	m.timer = time.AfterFunc(time.Hour, m.fire)
	m.timer.Stop()
	return m
}

// temporality reads OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE.
func temporality() sdkmetric.TemporalitySelector {
	delta := map[sdkmetric.InstrumentKind]bool{}
	switch s := strings.ToLower(strings.TrimSpace(os.Getenv("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE"))); s {
	case "", "cumulative":
	case "delta":
		delta[sdkmetric.InstrumentKindObservableCounter] = true
		fallthrough
	case "lowmemory":
		delta[sdkmetric.InstrumentKindCounter] = true
		delta[sdkmetric.InstrumentKindHistogram] = true
	default:
		warn.Once("TEMPORALITY", fmt.Sprintf("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE %q is not one of cumulative, delta, lowmemory; using cumulative", s))
	}
	return func(kind sdkmetric.InstrumentKind) metricdata.Temporality {
		if delta[kind] {
			return metricdata.DeltaTemporality
		}
		return metricdata.CumulativeTemporality
	}
}

// Meter returns a meter. One that is not a hook's has metrics read for ever from now on.
func (m *meters) Meter(name string, options ...metric.MeterOption) metric.Meter {
	if !strings.HasPrefix(name, Scope) && !m.periodic.Swap(true) {
		m.measured()
	}
	return m.MeterProvider.Meter(name, options...)
}

// measured has metrics read after the interval.
func (m *meters) measured() {
	if !m.armed.Load() && !m.armed.Swap(true) {
		m.timer.Reset(m.interval)
	}
}

func (m *meters) fire() {
	m.armed.Store(false)
	ctx, cancel := context.WithTimeout(context.Background(), m.timeout)
	defer cancel()
	m.export(ctx)
	if m.periodic.Load() && !m.useless.Load() {
		m.measured()
	}
	m.client.Close()
}

// export reads and sends.
func (m *meters) export(ctx context.Context) {
	if m.useless.Load() {
		return
	}
	m.exporting.Lock()
	defer m.exporting.Unlock()
	var all metricdata.ResourceMetrics
	err := m.reader.Collect(ctx, &all)
	if err == nil {
		err = m.client.SendMetrics(ctx, &all)
	}
	var status otlp.StatusError
	switch {
	case err == nil:
	case errors.As(err, &status) && status.Unsupported() && os.Getenv("OTEL_METRICS_EXPORTER") == "" && os.Getenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") == "":
		// Nobody asked for metrics, and this collector takes traces only.
		m.useless.Store(true)
	case otlp.Metrics.Asked():
		warn.Once("export", fmt.Sprintf("cannot export metrics: %v; saying so once", err))
	}
}

// flush sends what was measured since the last export.
func (m *meters) flush(ctx context.Context) error {
	if m.armed.Load() {
		m.export(ctx)
	}
	return nil
}

// Metering tells whether what is measured by provider p is of use to anybody.
func Metering(p metric.MeterProvider) bool { return !unset(p) }

// Measured tells that a hook has measured something with provider p.
func Measured(p metric.MeterProvider) {
	if started != nil && started.meters != nil && p == metric.MeterProvider(started.meters) {
		started.meters.measured()
	}
}
