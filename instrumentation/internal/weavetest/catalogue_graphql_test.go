package weavetest

import "strings"

func init() {
	const (
		asks    = "GET (client)\n  GET (server)\n"
		by      = "POST (client)\n  POST (server)\n"
		query   = "query (server)\n"
		failed  = "query (server) error _OTHER\n"
		changes = "mutation (server)\n"
	)
	below := func(depth int, tree string) string {
		var b strings.Builder
		for line := range strings.Lines(tree) {
			b.WriteString(strings.Repeat("  ", depth) + line)
		}
		return b.String()
	}
	off := func(name string) use {
		return use{name: "off", env: []string{"OTEL_INSTRUMENTATION_" + name + "_ENABLED=false", "OTEL_INSTRUMENTATION_NET_HTTP_ENABLED=false"}}
	}
	// A handler of gqlgen's answers with 500 or, before, with 422 where a resolver has panicked.
	gqlgen := func(status, serves string) string {
		return by + below(2, query) + by + below(2, query) + below(3, asks) + by + below(2, failed) +
			"POST (client) error " + status + "\n  POST (server)" + serves + "\n" + below(2, failed) +
			by + below(2, changes) + "POST (client) error 422\n  POST (server)\n" +
			by + below(2, "subscription (server)\n") + below(3, asks+asks+asks)
	}
	catalogue["gqlgen"] = library{programs: []use{{name: "all", tree: gqlgen("500", " error 500"), oldest: gqlgen("422", "")}, off("GQLGEN")}}
	catalogue["graph_gophers"] = library{programs: []use{
		{name: "all", tree: by + below(2, query) + by + below(2, query) + below(3, asks) + by + below(2, query+query+query) +
			query + failed + failed + changes + query + "subscription (server)\n" + query + below(1, asks) + failed + "subscription (server)\n"},
		off("GRAPH_GOPHERS"),
	}}
	catalogue["graphql_go"] = library{programs: []use{
		{name: "all", tree: asks + below(2, query+query) + below(3, asks) +
			query + failed + failed + changes + query + "GraphQL Operation (server) error _OTHER\n" + failed + query},
		off("GRAPHQL_GO"),
	}}
	catalogue["graphql_byhand"] = library{of: "gqlgen", byHand: true, programs: []use{{name: "all", tree: "Greets (server)\nGraphQL Validate (internal)\nGraphQL Request (internal)\n"}}}
}
