package sdk

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/env"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/export"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/otlp"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/queue"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
)

// describe tells what the program sends where, as env.Diagnosing asks. Which instrumentations it has it tells where it asks whether they are
// on.
func describe(res *resource.Resource) {
	name, _ := res.Set().Value("service.name")
	sampler := env.OneOf("OTEL_TRACES_SAMPLER")
	if strings.HasSuffix(sampler, "ratio") {
		sampler += fmt.Sprintf(" %v", env.Number("OTEL_TRACES_SAMPLER_ARG"))
	}
	if c := env.Configuration(); c != nil {
		sampler = describeSampler(c.Sampler)
	}
	warn.Tell(fmt.Sprintf("service.name is %q; sampler %s; propagators %s", name.AsString(), sampler, strings.Join(env.List("OTEL_PROPAGATORS"), ", ")))
	linked := slices.Sorted(maps.Keys(otlp.Protocols))
	for name, there := range map[string]bool{"console": export.ConsoleSpan != nil, "prometheus": export.Prometheus != nil, "logs": export.NewLogs != nil} {
		if there {
			linked = append(linked, name)
		}
	}
	slices.Sort(linked)
	warn.Tell("linked exporters: " + strings.Join(linked, ", "))
	for _, signal := range []otlp.Signal{otlp.Traces, otlp.Metrics, otlp.Logs} {
		warn.Tell(destinations(signal))
	}
}

// destinations says where a signal goes. Of an endpoint there is neither who asks nor a query, which may be secrets.
func destinations(signal otlp.Signal) string {
	what, variable := strings.ToLower(string(signal)), "OTEL_"+string(signal)+"_EXPORTER"
	if signal == otlp.Metrics && export.NewMeters == nil {
		return what + " go nowhere: the program was built without metrics"
	}
	if signal == otlp.Logs && export.NewLogs == nil {
		return what + " go nowhere: the program was built without log export"
	}
	var all []string
	for _, name := range env.List(variable) {
		switch name {
		case "none":
		case "otlp":
			c := otlp.ConfigFromEnv(signal)
			if otlp.Protocols[c.Protocol] == nil {
				all = append(all, "nowhere by OTLP: the program was built without "+c.Protocol)
				continue
			}
			place := *c.URL
			place.RawQuery, place.Fragment = "", ""
			all = append(all, fmt.Sprintf("to %s by %s", place.String(), c.Protocol))
		case "prometheus":
			all = append(all, fmt.Sprintf("to Prometheus, which may ask at %s:%d", env.Raw("OTEL_EXPORTER_PROMETHEUS_HOST"), env.Int("OTEL_EXPORTER_PROMETHEUS_PORT")))
		default:
			all = append(all, "to stdout")
		}
	}
	if len(all) == 0 {
		return what + " go nowhere: " + variable + " is none"
	}
	return what + " go " + strings.Join(all, ", and ")
}

// diagnosis returns what tells the counts of a queue once a minute, while something is sent; nil if diagnostics are off.
func diagnosis() func(queue.Counts) {
	if !env.Diagnosing() {
		return nil
	}
	var mu sync.Mutex
	var last time.Time
	return func(c queue.Counts) {
		mu.Lock()
		due := time.Since(last) >= time.Minute
		if due {
			last = time.Now()
		}
		mu.Unlock()
		if due {
			warn.Tell(counts(c))
		}
	}
}

// counts says what became of the records of a queue.
func counts(c queue.Counts) string {
	text := fmt.Sprintf("%s: %d ended and recorded, %d sent, %d failed, %d dropped", c.Name, c.Ended, c.Sent, c.Failed, c.Dropped)
	if c.Waiting > 0 {
		text += fmt.Sprintf(", %d waiting", c.Waiting)
	}
	return text
}

// summarise tells at the end what became of spans, and of those that are not ours.
func summarise() {
	if started == nil {
		return
	}
	for _, p := range started.processors {
		warn.Tell(counts(p.Counts()))
	}
	if own := otel.GetTracerProvider(); own != started.provider && !unset(own) {
		warn.Tell(fmt.Sprintf("the program has set its own tracer provider, %T, which gets all spans", own))
	}
}
