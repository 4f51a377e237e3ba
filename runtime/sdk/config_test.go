package sdk

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
)

func value(kvs []attribute.KeyValue, key string) (last string) {
	for _, kv := range kvs {
		if string(kv.Key) == key {
			last = kv.Value.Emit()
		}
	}
	return last
}

func TestResource(t *testing.T) {
	all := newResource().Attributes()
	for _, key := range []string{"process.pid", "process.runtime.version", "host.arch", "os.type", "telemetry.sdk.name"} {
		if value(all, key) == "" {
			t.Errorf("no %s", key)
		}
	}
	if name := value(all, "service.name"); name != "unknown_service:sdk.test" {
		t.Errorf("service.name %q", name)
	}
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=from%20list,host.name=mine,deployment.environment.name=test")
	all = newResource().Attributes()
	if value(all, "service.name") != "from list" || value(all, "host.name") != "mine" || value(all, "deployment.environment.name") != "test" {
		t.Errorf("the environment does not win: %v", all)
	}
	t.Setenv("OTEL_SERVICE_NAME", "own")
	if name := value(newResource().Attributes(), "service.name"); name != "own" {
		t.Errorf("service.name %q", name)
	}
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "a=b,broken")
	if all := newResource().Attributes(); value(all, "a") != "" {
		t.Error("a list that cannot be read is used in part")
	}
}

func TestStamp(t *testing.T) {
	plain := newResource().Attributes()
	if v := value(plain, "service.version") + value(plain, "vcs.ref.head.revision"); v != "" {
		t.Errorf("not stamped: %q", v)
	}
	stampedLabel, stampedCommit = "v1.2", "abc"
	defer func() { stampedLabel, stampedCommit = "", "" }()
	all := newResource().Attributes()
	if value(all, "service.version") != "v1.2" || value(all, "vcs.ref.head.revision") != "abc" {
		t.Errorf("%v", all)
	}
}

func TestKubernetes(t *testing.T) {
	account := t.TempDir()
	if err := os.WriteFile(filepath.Join(account, "namespace"), []byte("shop\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	if kvs := kubernetes(account); kvs != nil {
		t.Errorf("outside of Kubernetes: %v", kvs)
	}
	t.Setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	if kvs := kubernetes(account); value(kvs, "k8s.namespace.name") != "shop" || value(kvs, "k8s.pod.name") != host {
		t.Errorf("%v", kvs)
	}
}

func TestSampler(t *testing.T) {
	for text, want := range map[string]struct {
		description string
		inherited   bool
	}{
		"":                         {"ParentBased{root:AlwaysOnSampler,remoteParentSampled:AlwaysOnSampler,remoteParentNotSampled:AlwaysOffSampler,localParentSampled:AlwaysOnSampler,localParentNotSampled:AlwaysOffSampler}", true},
		"always_on":                {"AlwaysOnSampler", false},
		"ALWAYS_OFF":               {"AlwaysOffSampler", true},
		"traceidratio":             {"TraceIDRatioBased{0.25}", false},
		"parentbased_always_off":   {"ParentBased{root:AlwaysOffSampler,remoteParentSampled:AlwaysOnSampler,remoteParentNotSampled:AlwaysOffSampler,localParentSampled:AlwaysOnSampler,localParentNotSampled:AlwaysOffSampler}", true},
		"parentbased_traceidratio": {"ParentBased{root:TraceIDRatioBased{0.25},remoteParentSampled:AlwaysOnSampler,remoteParentNotSampled:AlwaysOffSampler,localParentSampled:AlwaysOnSampler,localParentNotSampled:AlwaysOffSampler}", true},
	} {
		t.Setenv("OTEL_TRACES_SAMPLER", text)
		t.Setenv("OTEL_TRACES_SAMPLER_ARG", "0.25")
		if s := newSampler(); s.Description() != want.description || s.inherited != want.inherited {
			t.Errorf("%q: %s %v", text, s.Description(), s.inherited)
		}
	}
}

func TestPropagator(t *testing.T) {
	for text, want := range map[string]string{
		"":                      "[Traceparent Baggage]",
		"none":                  "[]",
		"b3":                    "[B3 X-B3-Traceid]",
		"tracecontext,b3multi,": "[Traceparent B3 X-B3-Traceid]",
	} {
		t.Setenv("OTEL_PROPAGATORS", text)
		if got, own := Fields(newPropagator()); !own || fmt.Sprint(got) != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// TestRefusedOnce starts the SDK with settings that it does not take, of variables that OpenTelemetry's SDK reads too: each is told
// in one line, by us, and none is an end.
func TestRefusedOnce(t *testing.T) {
	defer start()
	var theirs []string
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { theirs = append(theirs, err.Error()) }))
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
	for name, values := range map[string][]string{
		"OTEL_TRACES_SAMPLER":             {"", "always", "NaN"},
		"OTEL_TRACES_SAMPLER_ARG":         {"", " ", "NaN", "2", "half"},
		"OTEL_RESOURCE_ATTRIBUTES":        {"", "a", "a=%zz", "=b"},
		"OTEL_BSP_MAX_QUEUE_SIZE":         {"", "9223372036854775807", "-5", "0"},
		"OTEL_BSP_MAX_EXPORT_BATCH_SIZE":  {"9223372036854775807", "-9223372036854775808"},
		"OTEL_BSP_SCHEDULE_DELAY":         {"9223372036854775807", "9223372036854", "Inf"},
		"OTEL_METRIC_EXPORT_INTERVAL":     {"9223372036854775807", "NaN"},
		"OTEL_METRICS_EXEMPLAR_FILTER":    {"some"},
		"OTEL_GO_X_CARDINALITY_LIMIT":     {"", "0", "-1", "many", "9223372036854775807"},
		"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": {"-1", "many"},
		"OTEL_SDK_DISABLED":               {"yes"},
		"OTEL_GO_WEAVE_EXIT_TIMEOUT":      {"9223372036854775807"},
	} {
		for _, value := range values {
			t.Setenv(name, value)
			theirs = nil
			restore := warn.Capture()
			start()
			_, span := started.provider.Tracer("x").Start(context.Background(), "first")
			span.End()
			lines := restore()
			want := 1
			if strings.TrimSpace(value) == "" {
				want = 0
			}
			if len(lines) != want || want == 1 && !strings.HasPrefix(lines[0], "rules_go_weave: "+name) || len(theirs) > 0 {
				t.Errorf("%s=%q: we tell %q, OpenTelemetry's SDK %q", name, value, lines, theirs)
			}
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
}
