// Package fasthttp has the hooks for github.com/valyala/fasthttp: a span and metrics for each request that a server answers and for each
// try of a request that a client sends, by the conventions that net/http's have. The trace context goes by headers.
//
// A handler's *RequestCtx, where it is given as a context, holds the server's span. A handler that goes on after its time is up
// (TimeoutHandler) is in a span that has ended with the response that was sent in its place. A client's span has the response's body,
// unless that is a stream. Spans of requests that fiber answers, or a router of net/http by an adaptor, have their route.
package fasthttp

import (
	"bytes"
	"context"
	"net"
	"net/url"
	"strings"
	_ "unsafe" // for linkname

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/redact"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib      = hook.NewAt("fasthttp", "1.43.0")
	requests = hook.NewHTTP(lib)
)

func init() { gate.Open("fasthttp") }

// What the adapter and a woven middleware call.
var (
	//go:linkname serve github.com/valyala/fasthttp.weaveServe
	serve = served
	//go:linkname superseder github.com/gofiber/contrib/otelfiber/v2.weaveSupersede
	superseder = supersede
)

// incoming is a request that a server answers.
type incoming interface {
	WeaveRequest() (method, uri, protocol []byte, tls bool, size int)
	WeavePeer() net.Addr
	hook.HTTPHeader
	propagation.TextMapCarrier
}

// answer is a response.
type answer interface {
	WeaveStatus() (status int, size int)
	hook.HTTPHeader
}

// call is what the adapter keeps of a request that is being answered.
type call struct{ *hook.HTTPCall }

// WeaveEnd ends it. It runs deferred, also when the handler panics.
func (c call) WeaveEnd(response any) {
	defer lib.Recover()
	r := hook.HTTPResponse{Size: -1}
	if resp, ok := response.(answer); ok {
		status, size := resp.WeaveStatus()
		r.Status, r.Size = status, int64(size)
		r.Header = resp
	}
	c.End(r)
}

// served begins a request.
func served(request any) (kept any) {
	r, ok := request.(incoming)
	if gate.Closed() || !lib.On() || !ok {
		return nil
	}
	defer lib.Recover()
	method, uri, protocol, tls, size := r.WeaveRequest()
	path, query := split(uri)
	q := hook.HTTPRequest{Method: methodOf(method), Scheme: "http", Version: version(protocol), Path: path, Size: int64(size)}
	if tls {
		q.Scheme = "https"
	}
	parent := otel.GetTextMapPropagator().Extract(context.Background(), r)
	c := requests.Serve(parent, q, func() hook.HTTPDetails {
		d := hook.HTTPDetails{Host: r.Get("Host"), Query: string(query), Forwarded: r.Get("X-Forwarded-For"), Agent: r.Get("User-Agent")}
		hook.Try(func() { d.Peer = r.WeavePeer().String() })
		return d
	}, r)
	if c == nil {
		return nil
	}
	return call{c}
}

// split returns the path of what was asked for, and its query, which belongs to the request.
func split(uri []byte) (path string, query []byte) {
	if len(uri) > 0 && uri[0] != '/' {
		// A proxy is asked for a whole URL.
		if _, rest, whole := bytes.Cut(uri, []byte("://")); whole {
			uri = rest[len(rest):]
			if i := bytes.IndexAny(rest, "/?"); i >= 0 {
				uri = rest[i:]
			}
		}
	}
	escaped, query, _ := bytes.Cut(uri, []byte("?"))
	if len(escaped) > redact.Max {
		escaped = escaped[:redact.Max]
	}
	path, err := url.PathUnescape(string(escaped))
	if err != nil {
		path = string(escaped)
	}
	if path == "" {
		path = "/"
	}
	if len(query) > redact.Max {
		query = query[:redact.Max]
	}
	return path, query
}

// methodOf copies a method, if it is not one that everybody knows.
func methodOf(method []byte) string {
	switch string(method) {
	case "GET":
		return "GET"
	case "POST":
		return "POST"
	case "PUT":
		return "PUT"
	case "DELETE":
		return "DELETE"
	case "HEAD":
		return "HEAD"
	}
	if len(method) > redact.Max {
		method = method[:redact.Max]
	}
	return string(method)
}

func version(protocol []byte) string {
	switch string(protocol) {
	case "HTTP/1.1":
		return "1.1"
	case "HTTP/1.0":
		return "1.0"
	}
	return ""
}

// added is the headers of a request that is sent, for propagators: what was there before is kept.
type added struct {
	outgoing
	before [][2]string
}

func (a *added) Get(key string) string { return string(a.WeaveHeader(key)) }
func (a *added) Keys() []string        { return nil }
func (a *added) Set(key, value string) {
	a.before = append(a.before, [2]string{key, a.Get(key)})
	a.WeaveSet(key, value)
}

// takeAway undoes what was added.
func (a *added) takeAway() {
	for i := range a.before {
		b := a.before[len(a.before)-1-i]
		a.WeaveSet(b[0], b[1])
	}
}

func supersede(ctx context.Context) {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	hook.Supersede(ctx)
}

// outgoing is a request that a client sends.
type outgoing interface {
	WeaveRequest() (method, scheme, host []byte, size int)
	WeaveURL() []byte
	hook.HTTPHeader
	WeaveSet(name, value string)
}

// Send is woven into (*HostClient).doNonNilReqResp. The request's headers are the program's: what is added to them for a try is taken
// away after it.
func Send(request, response any) (end func(bool, error)) {
	r, ok := request.(outgoing)
	if gate.Closed() || !lib.On() || !ok {
		return nil
	}
	defer lib.Recover()
	ctx := context.Background()
	if exporter(string(r.WeaveHeader("User-Agent"))) || carries(ctx, string(r.WeaveHeader("Traceparent"))) {
		return nil
	}
	method, scheme, host, size := r.WeaveRequest()
	q := hook.HTTPRequest{Method: methodOf(method), Scheme: string(scheme), Size: int64(size)}
	q.Address, q.Port = hook.SplitHostPort(string(host))
	if q.Port == 0 && q.Address != "" {
		switch q.Scheme {
		case "http":
			q.Port = 80
		case "https":
			q.Port = 443
		}
	}
	c := requests.Send(ctx, q, func() (d hook.HTTPDetails) {
		whole := string(r.WeaveURL())
		if u, err := url.Parse(whole); err == nil {
			d.URL = redact.URL(u)
		} else {
			d.URL = redact.Text(hook.Cut(whole, redact.Max))
		}
		return d
	}, r)
	if c == nil {
		return nil
	}
	headers := &added{outgoing: r}
	hook.Try(func() { otel.GetTextMapPropagator().Inject(c, headers) })
	return func(_ bool, err error) {
		defer lib.Recover()
		headers.takeAway()
		ended := hook.HTTPResponse{Size: -1, Error: err}
		if resp, ok := response.(answer); ok && err == nil {
			status, size := resp.WeaveStatus()
			ended.Status, ended.Size = status, int64(size)
			ended.Header = resp
		}
		c.End(ended)
	}
}

// Pipeline is woven into the methods of *pipelineConnClient that send a request, and is what Send is.
func Pipeline(request, response any) (end func(error)) {
	if end := Send(request, response); end != nil {
		return func(err error) { end(false, err) }
	}
	return nil
}

// exporter reports whether a request is that of an OpenTelemetry exporter, which must not have a span that it would export, too.
func exporter(agent string) bool {
	return strings.HasPrefix(agent, "OTel-OTLP-Exporter-Go") || strings.HasPrefix(agent, "OTel OTLP Exporter Go") || strings.HasPrefix(agent, "OTel Go OTLP")
}

// carries reports whether a request has the active span's context already: somebody made a client span and injected it.
func carries(ctx context.Context, traceparent string) bool {
	if len(traceparent) < 52 {
		return false
	}
	sc := hook.SpanContext(ctx)
	return sc.IsValid() && !sc.IsRemote() && traceparent[36:52] == sc.SpanID().String()
}
