package weavetest

import "strings"

func init() {
	const work = "  work (internal)\n"
	served := routed("GET", "GET", "HEAD", "GET", "HTTP", "GET error 500", "GET") + work + routed("GET") + work + routed("GET", "GET") + work +
		routed("GET /adapted/{id}") + work
	const asked = "GET (client)\n  GET (server)\n"
	sent := asked + "GET (client) error 404\n  GET (server)\n" + asked + "    GET (client)\n      GET (server)\n" + asked + asked + asked
	const newest, oldest = "GET (client) error *fasthttp.ErrDialWithUpstream\n", "GET (client) error *net.OpError\n"
	off := strings.Repeat("work (internal)\n", 4)
	catalogue["fasthttp"] = library{programs: []use{
		{name: "all", tree: served + sent + newest, oldest: served + sent + oldest, metrics: map[string]uint64{"http.server.request.duration": 18, "http.client.request.duration": 8}},
		{name: "many", tree: strings.Repeat(routed("GET"), 1000), metrics: map[string]uint64{"http.server.request.duration": 1000}},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_FASTHTTP_ENABLED=false"}, tree: off},
	}}
}
