package weavetest

import (
	"fmt"
	"strings"
	"testing"
)

// routed returns a tree of servers' spans, one a line: "GET /users", "GET /broken error 500".
func routed(lines ...string) string {
	var b strings.Builder
	for _, line := range lines {
		name, failed, _ := strings.Cut(line, " error")
		b.WriteString(name + " (server)")
		if failed != "" {
			b.WriteString(" error" + failed)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// router is the row of a router that net/http's server answers by: its program asks for all that there is, for a thousand paths of one
// route, and for all with its instrumentation switched off, which leaves what net/http knows: plain, with the oldest version perhaps another.
func router(setting, route string, all, plain []string, exceptions map[string][]string, oldestPlain ...string) library {
	return routerOf("OTEL_INSTRUMENTATION_NET_HTTP_ENABLED", setting, route, all, plain, exceptions, oldestPlain...)
}

// routerOf is router for another server, which has a switch of its own.
func routerOf(server, setting, route string, all, plain []string, exceptions map[string][]string, oldestPlain ...string) library {
	count := func(lines []string) map[string]uint64 {
		return map[string]uint64{"http.server.request.duration": uint64(len(lines))}
	}
	return library{programs: []use{
		{name: "all", tree: routed(all...), metrics: count(all), check: func(t *testing.T, spans []Span) { checkRouted(t, spans, exceptions) }},
		{name: "many", tree: strings.Repeat(routed(route), 1000), metrics: map[string]uint64{"http.server.request.duration": 1000}},
		{name: "all", env: []string{setting + "=false"}, tree: routed(plain...), oldest: routed(oldestPlain...), metrics: count(plain)},
		{name: "all", env: []string{setting + "=false", server + "=false"}},
	}}
}

// checkRouted holds the routes of spans to their names, and their exceptions to those that are wanted, by the spans' names.
func checkRouted(t *testing.T, spans []Span, exceptions map[string][]string) {
	t.Helper()
	for _, s := range spans {
		_, route, _ := strings.Cut(s.Name, " ")
		if got := s.Attribute("http.route"); got != route {
			t.Errorf("the route of %q is %q", s.Name, got)
		}
		var got []string
		for _, e := range s.Events {
			var kind, message string
			for _, kv := range e.Attributes {
				switch kv.Key {
				case "exception.type":
					kind = kv.Value.GetStringValue()
				case "exception.message":
					message = kv.Value.GetStringValue()
				}
			}
			got = append(got, kind+": "+message)
		}
		if fmt.Sprint(got) != fmt.Sprint(exceptions[s.Name]) {
			t.Errorf("exceptions of %q: %q, and not %q", s.Name, got, exceptions[s.Name])
		}
	}
}
