package weavetest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

func init() {
	call := func(name, failed, method, below string) string {
		return name + " (client)" + failed + "\n  " + method + " (client)" + below + "\n"
	}
	retried := "search (client)\n  POST (client) error 503\n  POST (client)\n"
	refused := func(name, method string) string {
		return call(name, " error *net.OpError", method, " error *net.OpError")
	}
	const inHandler = "GET (client)\n  GET (server)\n    get (client)\n      GET (client)\n"
	programs := []use{
		{name: "all", check: searches("elasticsearch"), metrics: map[string]uint64{"db.client.operation.duration": 10},
			tree: call("info", "", "GET", "") + call("indices.create", "", "PUT", "") + call("index", "", "PUT", "") + call("get", "", "GET", "") +
				call("search", "", "POST", "") + call("bulk", "", "POST", "") + retried + call("cluster.health", "", "GET", "") + call("delete", "", "DELETE", "") +
				call("GET _made_up", "", "GET", "")},
		{name: "fail", tree: call("get", " error 404", "GET", " error 404") + call("search", " error 400", "POST", " error 400") +
			call("count", " error *errors.errorString", "POST", " error *errors.errorString") + refused("count", "POST")},
		{name: "http", tree: inHandler + inHandler},
		{name: "many", names: []string{"GET", "elasticsearch", "get"}},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_ELASTICSEARCH_ENABLED=false", "OTEL_INSTRUMENTATION_NET_HTTP_ENABLED=false"}},
	}
	catalogue["elasticsearch"] = library{server: search, programs: programs}
	catalogue["elasticsearch_v7"] = library{server: search, of: "elasticsearch", programs: []use{{tree: call("index", "", "PUT", "") + call("get", "", "GET", "") +
		call("search", "", "POST", "") + retried + call("get", " error 404", "GET", " error 404")}}}
	catalogue["elasticsearch_opensearch"] = library{server: search, of: "elasticsearch", programs: []use{
		{name: "all", check: searches("opensearch"), tree: call("info", "", "GET", "") + call("index", "", "PUT", "") + call("get", "", "GET", "") + call("search", "", "POST", "") +
			retried + call("delete", "", "DELETE", "")},
		{name: "fail", tree: call("get", " error 404", "GET", " error 404") + call("search", " error 400", "POST", " error 400") + refused("search", "POST")},
		{name: "http", tree: inHandler + inHandler},
		{name: "many", names: []string{"GET", "get"}},
	}}
	catalogue["elasticsearch_olivere"] = library{server: search, of: "elasticsearch", programs: []use{{tree: call("index", "", "PUT", "") + call("search", "", "POST", "") +
		call("get", " error 404", "GET", " error 404") + call("search", " error 400", "POST", " error 400") + call("count", " error *url.Error", "POST", " error *net.OpError")}}}
}

// searches checks what calls tell.
func searches(system string) func(*testing.T, []Span) {
	return func(t *testing.T, spans []Span) {
		indices := map[string]string{}
		for _, s := range spans {
			if s.Attribute("db.system.name") == "" {
				continue // of net/http
			}
			if s.Attribute("db.system.name") != system || s.Attribute("server.address") != "127.0.0.1" || s.Attribute("server.port") == "" ||
				s.Attribute("http.request.method") == "" || !strings.HasPrefix(s.Attribute("url.full"), "http://127.0.0.1:") || s.Attribute("db.response.status_code") != "200" {
				t.Errorf("it is not known where %s is", s)
			}
			indices[s.Name] = s.Attribute("db.collection.name") + "/" + s.Attribute("db.operation.parameter.index") + "/" + s.Attribute("db.operation.parameter.id")
		}
		for name, want := range map[string]string{"info": "//", "index": "orders/orders/1", "get": "orders/orders/1", "search": "flaky/flaky/", "delete": "orders/orders/1"} {
			if indices[name] != want {
				t.Errorf("%s is of %q, and not of %q", name, indices[name], want)
			}
		}
	}
}

// search has servers that answer as those of Elasticsearch and OpenSearch do, with next to nothing behind them: neither can be had here.
var search = once(func(_ *testing.T, _ string) ([]string, func()) {
	var mu sync.Mutex
	flaky := 0
	server := func(product string) *httptest.Server {
		return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Elastic-Product", product)
			w.Header().Set("Content-Type", "application/json")
			parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
			answer := func(status int, body string) {
				w.WriteHeader(status)
				fmt.Fprint(w, body)
			}
			switch {
			case r.URL.Path == "/":
				answer(200, `{"name":"node","cluster_name":"test","cluster_uuid":"u","version":{"number":"8.19.0","distribution":"opensearch","build_flavor":"default"},"tagline":"You Know, for Search"}`)
			case parts[0] == "flaky":
				mu.Lock()
				flaky++
				failing := flaky%2 == 1
				mu.Unlock()
				if failing {
					answer(503, `{"error":{"type":"unavailable","reason":"secret","root_cause":[]},"status":503}`)
					return
				}
				answer(200, `{"took":1,"hits":{"total":{"value":0,"relation":"eq"},"hits":[]}}`)
			case parts[0] == "bad":
				answer(400, `{"error":{"type":"parsing_exception","reason":"secret","root_cause":[{"type":"parsing_exception","reason":"secret"}]},"status":400}`)
			case slices.Contains(parts, "missing"):
				answer(404, `{"_index":"orders","_id":"missing","found":false}`)
			case slices.Contains(parts, "_search"):
				answer(200, `{"took":1,"hits":{"total":{"value":1,"relation":"eq"},"hits":[{"_index":"orders","_id":"1","_source":{"name":"secret"}}]}}`)
			case slices.Contains(parts, "_doc"):
				answer(200, `{"_index":"orders","_id":"1","_version":1,"result":"updated","found":true,"_source":{"name":"secret"},"_shards":{"total":1,"successful":1,"failed":0}}`)
			default:
				answer(200, `{"acknowledged":true,"items":[],"errors":false}`)
			}
		}))
	}
	elastic, open := server("Elasticsearch"), server("")
	return []string{"ELASTICSEARCH=" + elastic.URL, "OPENSEARCH=" + open.URL}, func() {
		elastic.Close()
		open.Close()
	}
})
