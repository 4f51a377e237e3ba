package sdk

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
)

// quietBaggage is OpenTelemetry's propagator, but for headers that it cannot read: newer versions of it tell their error handler, and
// so stderr, what some client has sent. Headers of more than the specification has are not read at all.
type quietBaggage struct{ propagation.Baggage }

const maxBaggage = 8192 // bytes, of all headers together

// Extract returns a context with what the headers hold.
func (q quietBaggage) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	var values []string
	if multi, yes := carrier.(propagation.ValuesGetter); yes {
		values = multi.Values("baggage")
	} else if one := carrier.Get("baggage"); one != "" {
		values = []string{one}
	}
	size := 0
	for _, value := range values {
		if size += len(value) + 1; size > maxBaggage {
			return ctx
		}
	}
	var members []baggage.Member
	for _, value := range values {
		bag, _ := baggage.Parse(value) // with an error there is nothing in it, or what could be read
		if len(values) == 1 {
			return with(ctx, bag)
		}
		members = append(members, bag.Members()...)
	}
	bag, _ := baggage.New(members...)
	return with(ctx, bag)
}

// with returns a context with baggage; ctx itself where there is none, and where ctx, which may be the program's, panics when it is asked
// for what it has.
func with(ctx context.Context, bag baggage.Baggage) (out context.Context) {
	out = ctx
	if bag.Len() == 0 {
		return ctx
	}
	defer func() { _ = recover() }()
	return baggage.ContextWithBaggage(ctx, bag)
}

// Inject writes the baggage of a context to headers.
func (q quietBaggage) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	if bag := bagOf(ctx); bag.Len() > 0 {
		q.Baggage.Inject(ctx, carrier)
	}
}

// bagOf returns the baggage of a context; none of one that panics.
func bagOf(ctx context.Context) (bag baggage.Baggage) {
	defer func() { _ = recover() }()
	return baggage.FromContext(ctx)
}
