package hook

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// Counter counts events, as Duration measures times. A nil one counts nothing.
type Counter[K comparable] struct {
	name, unit, description string
	attributes              func(K) []attribute.KeyValue
	made                    instrument[metric.Int64Counter, struct{}]

	mu   sync.RWMutex
	sets map[K][]metric.AddOption
}

// NewCounter returns the counter with this name. It asks for the attributes once per key.
func NewCounter[K comparable](i *Instrumentation, name, unit, description string, attributes func(K) []attribute.KeyValue) *Counter[K] {
	return &Counter[K]{name: name, unit: unit, description: description, attributes: attributes,
		made: instrument[metric.Int64Counter, struct{}]{of: i}, sets: map[K][]metric.AddOption{}}
}

// Add adds n.
func (c *Counter[K]) Add(ctx context.Context, key K, n int64) {
	if c == nil || n <= 0 || !initialised.Load() {
		return
	}
	provider := otel.GetMeterProvider()
	b := c.made.current.Load()
	if b == nil || b.provider != provider {
		b = c.made.bind(provider, nil, func(meter metric.Meter) metric.Int64Counter {
			made, _ := meter.Int64Counter(c.name, metric.WithUnit(c.unit), metric.WithDescription(c.description))
			return made
		})
	}
	if !b.wanted {
		return
	}
	b.of.Add(answering(ctx), n, c.options(key)...)
	sdk.Measured(b.provider)
}

// options are the attributes of key, as the instrument takes them without making anything new.
func (c *Counter[K]) options(key K) []metric.AddOption {
	c.mu.RLock()
	options := c.sets[key]
	c.mu.RUnlock()
	if options == nil {
		attrs, whole := kept(c.attributes(key))
		options = []metric.AddOption{metric.WithAttributeSet(attribute.NewSet(attrs...))}
		c.mu.Lock()
		if whole && len(c.sets) < maxSets {
			c.sets[detached(key)] = options
		}
		c.mu.Unlock()
	}
	return options
}
