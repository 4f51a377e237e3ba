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

func with(ctx context.Context, bag baggage.Baggage) context.Context {
	if bag.Len() == 0 {
		return ctx
	}
	return baggage.ContextWithBaggage(ctx, bag)
}
