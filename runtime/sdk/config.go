package sdk

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/declarative"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/env"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/export"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/queue"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// newResource describes this process. What is given by OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME wins.
//
// The command line and the owner of the process are left out: the one may hold secrets, the other asks the name service.
func newResource() *resource.Resource {
	kvs := []attribute.KeyValue{
		attribute.String("telemetry.sdk.language", "go"),
		attribute.String("telemetry.sdk.name", "opentelemetry"),
		attribute.String("telemetry.sdk.version", sdkVersion()),
		attribute.String("telemetry.distro.name", "rules_go_weave"),
		attribute.Int("process.pid", os.Getpid()),
		attribute.String("process.runtime.name", "go"),
		attribute.String("process.runtime.version", strings.TrimPrefix(runtime.Version(), "go")),
		attribute.String("os.type", osType()),
		attribute.String("host.arch", runtime.GOARCH),
	}
	name := "unknown_service:go"
	if exe, err := os.Executable(); err == nil {
		name = "unknown_service:" + filepath.Base(exe)
		kvs = append(kvs,
			attribute.String("process.executable.path", exe),
			attribute.String("process.executable.name", filepath.Base(exe)))
	}
	if host, err := os.Hostname(); err == nil {
		kvs = append(kvs, attribute.String("host.name", host))
	}
	if id, err := resource.New(context.Background(), resource.WithContainerID()); err == nil {
		kvs = append(kvs, id.Attributes()...)
	}
	kvs = append(kvs, kubernetes(serviceAccount)...)
	kvs = append(kvs, buildAttributes()...)
	given := resourceAttributes(env.Raw("OTEL_RESOURCE_ATTRIBUTES"))
	kvs = append(kvs, attribute.String("service.name", name))
	kvs = append(kvs, given...)
	if s := env.Raw("OTEL_SERVICE_NAME"); s != "" {
		kvs = append(kvs, attribute.String("service.name", s))
	}
	if c := env.Configuration(); c != nil {
		for _, a := range c.Attributes {
			kvs = append(kvs, configuredAttribute(a))
		}
	}
	// Of several values of one key the set keeps the last.
	return wire.Valid(resource.NewWithAttributes(export.Schema, kvs...))
}

// configuredAttribute is an attribute of a configuration's resource.
func configuredAttribute(a declarative.Attribute) attribute.KeyValue {
	key := attribute.Key(a.Name)
	switch v := a.Value.(type) {
	case bool:
		return key.Bool(v)
	case int64:
		return key.Int64(v)
	case float64:
		return key.Float64(v)
	case []bool:
		return key.BoolSlice(v)
	case []int64:
		return key.Int64Slice(v)
	case []float64:
		return key.Float64Slice(v)
	case []string:
		return key.StringSlice(v)
	}
	text, _ := a.Value.(string)
	return key.String(text)
}

// serviceAccount is where Kubernetes tells a pod about itself.
const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount"

// kubernetes describes the pod, by what every pod is told. What the environment gives in OTEL_RESOURCE_ATTRIBUTES wins.
func kubernetes(account string) (kvs []attribute.KeyValue) {
	if os.Getenv("KUBERNETES_SERVICE_HOST") == "" {
		return nil
	}
	if host, err := os.Hostname(); err == nil {
		kvs = append(kvs, attribute.String("k8s.pod.name", host))
	}
	if namespace, err := os.ReadFile(filepath.Join(account, "namespace")); err == nil && len(namespace) > 0 {
		kvs = append(kvs, attribute.String("k8s.namespace.name", strings.TrimSpace(string(namespace))))
	}
	return kvs
}

// What a stamped Bazel build says about itself: the link sets these from the workspace status (rules/private/archive.bzl).
var stampedCommit, stampedRevision, stampedStableRevision, stampedStableSCM, stampedLabel string

// buildAttributes are what the go command or Bazel wrote into the program about its origin.
func buildAttributes() (kvs []attribute.KeyValue) {
	kvs = goBuildAttributes()
	for _, revision := range []string{stampedRevision, stampedStableSCM, stampedStableRevision, stampedCommit} {
		if revision != "" {
			kvs = append(kvs, attribute.String("vcs.ref.head.revision", revision))
		}
	}
	if stampedLabel != "" {
		kvs = append(kvs, attribute.String("service.version", stampedLabel))
	}
	return kvs
}

func goBuildAttributes() (kvs []attribute.KeyValue) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		kvs = append(kvs, attribute.String("service.version", v))
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && s.Value != "" {
			kvs = append(kvs, attribute.String("vcs.ref.head.revision", s.Value))
		}
	}
	return kvs
}

func osType() string {
	if runtime.GOOS == "solaris" || runtime.GOOS == "illumos" {
		return "solaris"
	}
	return runtime.GOOS
}

// sdkVersion is the version of the SDK that was linked, where the build information tells it.
func sdkVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "go.opentelemetry.io/otel/sdk" {
				return strings.TrimPrefix(m.Version, "v")
			}
		}
	}
	return "1"
}

// resourceAttributes parses "key=value,key=value" with percent-encoded values. As the specification asks, one bad pair discards all.
func resourceAttributes(s string) []attribute.KeyValue {
	var kvs []attribute.KeyValue
	for _, pair := range strings.Split(s, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		key, value, ok := strings.Cut(pair, "=")
		value, good := unescape(strings.TrimSpace(value))
		if key = strings.TrimSpace(key); !ok || key == "" || !good {
			env.Refuse("OTEL_RESOURCE_ATTRIBUTES", "is not a list of key=value pairs", "ignoring it")
			return nil
		}
		kvs = append(kvs, attribute.String(key, value))
	}
	return kvs
}

// unescape decodes the percent-encoded bytes of s.
func unescape(s string) (string, bool) {
	if !strings.Contains(s, "%") {
		return s, true
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b = append(b, s[i])
			continue
		}
		if i+2 >= len(s) {
			return "", false
		}
		c, err := strconv.ParseUint(s[i+1:i+3], 16, 8)
		if err != nil {
			return "", false
		}
		b = append(b, byte(c))
		i += 2
	}
	return string(b), true
}

// newSampler reads OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG, or the configuration.
func newSampler() sampling {
	if c := env.Configuration(); c != nil {
		return configuredSampler(c.Sampler)
	}
	argument := env.Number("OTEL_TRACES_SAMPLER_ARG") // by which a mistake is told whatever the sampler is
	name, below := strings.CutPrefix(env.OneOf("OTEL_TRACES_SAMPLER"), "parentbased_")
	s := &declarative.Sampler{Kind: name}
	if name == "traceidratio" {
		s = &declarative.Sampler{Kind: "trace_id_ratio_based", Ratio: argument}
	}
	if below {
		s = &declarative.Sampler{Kind: "parent_based", Root: s}
	}
	return configuredSampler(s)
}

// propagator is what OTEL_PROPAGATORS names.
type propagator struct {
	propagation.TextMapPropagator
	extracted []string // the canonical names of the headers without one of which there is nothing to extract
}

// Fields returns the headers without one of which p extracts nothing, if p is the propagator that OTEL_PROPAGATORS names.
func Fields(p propagation.TextMapPropagator) (names []string, own bool) {
	if p, own := p.(*propagator); own {
		return p.extracted, true
	}
	return nil, false
}

// newPropagator reads OTEL_PROPAGATORS.
func newPropagator() *propagator {
	p := new(propagator)
	var all []propagation.TextMapPropagator
	add := func(one propagation.TextMapPropagator, extracted ...string) {
		all = append(all, one)
		p.extracted = append(p.extracted, extracted...)
	}
	for _, name := range env.List("OTEL_PROPAGATORS") {
		switch name {
		case "none":
		case "tracecontext":
			add(propagation.TraceContext{}, "Traceparent")
		case "baggage":
			add(quietBaggage{}, "Baggage")
		case "b3":
			add(b3{single: true}, "B3", "X-B3-Traceid")
		case "b3multi":
			add(b3{}, "B3", "X-B3-Traceid")
		}
	}
	p.TextMapPropagator = propagation.NewCompositeTextMapPropagator(all...)
	if len(all) == 1 {
		p.TextMapPropagator = all[0]
	}
	return p
}

// batchConfig reads the OTEL_BSP_* variables.
func batchConfig() queue.Config {
	return queue.Config{
		Delay:   env.Duration("OTEL_BSP_SCHEDULE_DELAY"),
		Timeout: env.Duration("OTEL_BSP_EXPORT_TIMEOUT"),
		Items:   env.Int("OTEL_BSP_MAX_QUEUE_SIZE"),
		Batch:   env.Int("OTEL_BSP_MAX_EXPORT_BATCH_SIZE"),
		Name:    "spans",
		Told:    diagnosis(),
	}
}

// attributeLimits reads how much is kept of an attribute's value.
func attributeLimits() wire.Limits {
	if n := env.Int("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"); n >= 0 {
		return wire.LimitChars(n)
	}
	return wire.DefaultLimits
}

// spanLimits reads how much the SDK keeps of a span, in things; given to the SDK, although it reads the variables itself.
func spanLimits() sdktrace.SpanLimits {
	return sdktrace.SpanLimits{
		AttributeValueLengthLimit:   env.Int("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT"),
		AttributeCountLimit:         env.Int("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"),
		EventCountLimit:             env.Int("OTEL_SPAN_EVENT_COUNT_LIMIT"),
		LinkCountLimit:              env.Int("OTEL_SPAN_LINK_COUNT_LIMIT"),
		AttributePerEventCountLimit: env.Int("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT"),
		AttributePerLinkCountLimit:  env.Int("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"),
	}
}
