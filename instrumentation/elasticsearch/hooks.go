// Package elasticsearch has the hooks for the clients of Elasticsearch and OpenSearch: a span for each call, called as its endpoint is,
// which all its tries are in as spans of net/http; and db.client.operation.duration.
//
// A span shows the endpoint, the parts of its path, the index among them, and the URL without secrets; no body. A status from 400 on is an
// error. What the program instruments by the library's own instrumentation has no spans of ours.
package elasticsearch

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/redact"
	"github.com/rules-go-weave/rules_go_weave/runtime/sqldriver"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib   = hook.NewAt("elasticsearch", "1.43.0")
	calls = hook.NewDB(lib, nil).ByCode()
)

func init() {
	hook.LayerDB.Claim("elasticsearch-api")
	gate.Open("elasticsearch")
}

// told is what an adapter tells of a call.
type told = func(*http.Request) (name string, parts []string)

// Perform is woven into what sends requests to the nodes of a cluster, and tries again where one fails.
func Perform(system string, req *http.Request, tell told) (with *http.Request, exit func(*http.Response, error)) {
	with = req
	if gate.Closed() || req == nil || req.URL == nil || !lib.On() {
		return with, nil
	}
	defer lib.Recover()
	ctx := req.Context()
	var name string
	var parts []string
	if tell != nil {
		hook.Try(func() { name, parts = tell(req) }) // a context may be the program's
	}
	if name == "" {
		name, parts = endpoint(req.Method, req.URL.Path)
	}
	within, call := start(ctx, system, name, req.Method, parts)
	if call == nil {
		if within != ctx {
			with = req.WithContext(within)
		}
		return with, nil
	}
	with = req.WithContext(within)
	sent := with
	return with, func(res *http.Response, err error) {
		defer lib.Recover()
		to := sent.URL // the client has put the node's address there
		status := 0
		if res != nil {
			status = res.StatusCode
			if res.Request != nil && res.Request.URL != nil {
				to = res.Request.URL
			}
			if node := res.Header.Get("X-Found-Handling-Instance"); node != "" {
				call.Set(attribute.String("elasticsearch.node.name", node))
			}
		}
		if to.Host != "" {
			call.Become(described(calls.Server(place(system, to)), name))
			call.Set(attribute.String("url.full", redact.URL(to)))
		}
		end(call, status, err)
	}
}

// Request is woven into what does the same in olivere/elastic.
func Request(ctx context.Context, method, path string, status func(response any, err error) int) (with context.Context, exit func(any, error)) {
	with = ctx
	if gate.Closed() || ctx == nil || !lib.On() {
		return with, nil
	}
	defer lib.Recover()
	name, parts := endpoint(method, path)
	with, call := start(ctx, "elasticsearch", name, method, parts)
	if call == nil {
		return with, nil
	}
	return with, func(response any, err error) {
		defer lib.Recover()
		end(call, status(response, err), err)
	}
}

// described is how a call of an endpoint is described, which may not be known.
func described(to *hook.DBServer, name string) *hook.DBStatement {
	if name == "" {
		return to.Statement("")
	}
	return to.Operation(name, "")
}

// start starts a call.
func start(ctx context.Context, system, name, method string, parts []string) (context.Context, *hook.DBCall) {
	with, call := calls.Start(ctx, described(calls.Server(hook.DBPlace{System: system}), name))
	if !call.Recording() {
		return with, call
	}
	call.Set(attribute.String("http.request.method", hook.HTTPMethodAttribute(hook.HTTPMethod(method))))
	for i := 0; i+1 < len(parts); i += 2 {
		if parts[i] == "index" {
			call.Set(attribute.String("db.collection.name", parts[i+1]))
		}
		call.Set(attribute.String("db.operation.parameter."+hook.Cut(parts[i], maxPart), parts[i+1]))
	}
	return with, call
}

// maxPart bounds the name of a part of a path, in bytes.
const maxPart = 64

// place is the place of a node.
func place(system string, at *url.URL) hook.DBPlace {
	port, _ := strconv.Atoi(at.Port())
	switch {
	case port != 0:
	case at.Scheme == "https":
		port = 443
	case at.Scheme == "http":
		port = 80
	}
	return hook.DBPlace{System: system, Host: at.Hostname(), Port: port}
}

// end ends a call, with the status of its response, or 0.
func end(call *hook.DBCall, status int, err error) {
	code := ""
	if status != 0 {
		code = strconv.Itoa(status)
		call.Set(attribute.String("db.response.status_code", code))
	}
	switch {
	case status >= 400:
		if err == nil {
			err = failed{}
		}
		call.End(err, code, strings.TrimSpace(code+" "+http.StatusText(status)))
	case err != nil:
		f := sqldriver.Examine(err)
		call.End(err, f.Code, f.Text)
	default:
		call.End(nil, "", "")
	}
}

// failed is the error of a call that was answered with one.
type failed struct{}

func (failed) Error() string { return "an error status" }
