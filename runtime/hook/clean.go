package hook

import (
	"reflect"
	"strings"
	"unsafe"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// clean returns attributes as a span of the program's own provider may have them: what we tell of is cut and valid, whoever exports
// it, and its own to keep: hooks put attributes together in memory that they use again. Spans of ours copy attributes, which are cut,
// and made valid, where they are encoded.
func clean(span trace.Span, attrs []attribute.KeyValue) []attribute.KeyValue {
	if sdk.Sampling(span.TracerProvider()) {
		return attrs
	}
	return own(attrs)
}

// own returns attributes that are cut and valid, in memory of their own.
func own(attrs []attribute.KeyValue) []attribute.KeyValue {
	fixed := wire.Attributes(attrs, wire.DefaultLimits)
	if len(attrs) > 0 && &fixed[0] == &attrs[0] {
		return append([]attribute.KeyValue(nil), attrs...)
	}
	return fixed
}

// metricLimits bound an attribute of a metric, of which many are kept as long as the program runs.
var metricLimits = wire.Limits{Bytes: wire.MaxName, Chars: -1}

// kept returns attributes for a metric: cut, valid, and with text of their own, as what they were made of may be a part of
// something large. The second result is false if they were cut.
func kept(attrs []attribute.KeyValue) (_ []attribute.KeyValue, whole bool) {
	fixed := wire.Attributes(attrs, metricLimits)
	whole = len(attrs) == 0 || &fixed[0] == &attrs[0]
	fixed = append([]attribute.KeyValue(nil), fixed...)
	for i, kv := range fixed {
		if kv.Value.Type() == attribute.STRING {
			fixed[i].Value = attribute.StringValue(strings.Clone(kv.Value.AsString()))
		}
	}
	return fixed, whole
}

// detached returns a key with text of its own.
func detached[K comparable](key K) K {
	detach(reflect.ValueOf(&key).Elem())
	return key
}

func detach(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		// A field that is not exported can be set by its address alone.
		reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem().SetString(strings.Clone(v.String()))
	case reflect.Struct:
		for i := range v.NumField() {
			detach(v.Field(i))
		}
	}
}
