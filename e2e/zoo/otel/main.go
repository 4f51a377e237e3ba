// Otel makes a span by hand around a request.
package main

import (
	"context"
	"fmt"

	"example.com/zoo/web"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/sdk"
	"go.opentelemetry.io/otel/trace"
)

func main() {
	url, err := web.Serve()
	if err != nil {
		panic(err)
	}
	_, span := otel.Tracer("zoo").Start(context.Background(), "by hand", trace.WithSpanKind(trace.SpanKindInternal))
	defer span.End()
	fmt.Println(web.Get(url + "/hello/otel"))
	fmt.Println(otel.Version(), sdk.Version())
}
