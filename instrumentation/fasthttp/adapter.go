//go:build weave_adapter

package fasthttp

import "net"

// weaveServe is told a request that a server answers, and returns what describes it, whose Value is asked for what contexts hold and
// whose WeaveEnd is told the response; nil for nothing. The hooks set it.
var weaveServe func(interface{}) interface{}

// weaveBegin comes before a server's handler answers a request.
func weaveBegin(ctx *RequestCtx) {
	if weaveServe == nil {
		return
	}
	if served := weaveServe((*weaveIncoming)(ctx)); served != nil {
		ctx.weaveServed, ctx.weaveAnswered = served, served
	}
}

// weaveEnd comes when the handler has returned, or panics. A context whose handler took too long stays with that handler, which
// still reads it, and is never used again.
func weaveEnd(ctx *RequestCtx) {
	if ctx == nil || ctx.weaveAnswered == nil {
		return
	}
	served := ctx.weaveAnswered
	ctx.weaveAnswered = nil
	resp := &ctx.Response
	if ctx.timeoutResponse != nil {
		resp = ctx.timeoutResponse
	} else {
		ctx.weaveServed = nil
	}
	if end, ok := served.(interface{ WeaveEnd(interface{}) }); ok {
		end.WeaveEnd((*weaveResponse)(resp))
	}
}

// weaveValue returns what a request's context holds because of what describes the request.
func weaveValue(ctx *RequestCtx, key interface{}) interface{} {
	if ctx.weaveServed == nil {
		return nil
	}
	if v, ok := ctx.weaveServed.(interface{ Value(interface{}) interface{} }); ok {
		return v.Value(key)
	}
	return nil
}

// weaveIncoming is a request that a server answers, in types of Go's own. What is returned belongs to the request.
type weaveIncoming RequestCtx

// WeaveRequest returns what each request has. The URI is not parsed: a handler may still change what it is made of.
func (w *weaveIncoming) WeaveRequest() (method, uri, protocol []byte, tls bool, size int) {
	h := &w.Request.Header
	return h.Method(), h.RequestURI(), h.Protocol(), (*RequestCtx)(w).IsTLS(), h.ContentLength()
}

// WeavePeer returns where it comes from.
func (w *weaveIncoming) WeavePeer() net.Addr { return (*RequestCtx)(w).RemoteAddr() }

// WeaveHeader returns a header.
func (w *weaveIncoming) WeaveHeader(name string) []byte { return w.Request.Header.Peek(name) }

// Get, Keys and Set are what propagators ask for.
func (w *weaveIncoming) Get(name string) string { return string(w.Request.Header.Peek(name)) }

// Keys returns none: the propagators that there are ask for headers by name.
func (w *weaveIncoming) Keys() []string { return nil }

// Set does nothing: nothing is added to a request that comes in.
func (w *weaveIncoming) Set(string, string) {}

// weaveResponse is a response.
type weaveResponse Response

// WeaveStatus returns its status, the size of its body, negative if that is not known, and its protocol.
func (w *weaveResponse) WeaveStatus() (status int, size int) {
	r := (*Response)(w)
	if r.IsBodyStream() {
		return r.StatusCode(), -1
	}
	return r.StatusCode(), len(r.bodyBytes())
}

// WeaveHeader returns a header.
func (w *weaveResponse) WeaveHeader(name string) []byte { return w.Header.Peek(name) }

// weaveOutgoing returns a client's request in types of Go's own.
func weaveOutgoing(req *Request) interface{} {
	if req == nil {
		return nil
	}
	return (*weaveRequest)(req)
}

// weaveAnswer returns what a client's response will be in.
func weaveAnswer(resp *Response) interface{} {
	if resp == nil {
		return nil
	}
	return (*weaveResponse)(resp)
}

type weaveRequest Request

// weaveURI returns where it goes. One that is not parsed stays so: it is sent as it is.
func (w *weaveRequest) weaveURI() *URI {
	r := (*Request)(w)
	if r.parsedURI {
		return r.URI()
	}
	u := new(URI)
	_ = u.Parse(r.Header.Host(), r.Header.RequestURI())
	return u
}

// WeaveRequest returns what each request has.
func (w *weaveRequest) WeaveRequest() (method, scheme, host []byte, size int) {
	r := (*Request)(w)
	u := w.weaveURI()
	size = -1
	if !r.IsBodyStream() {
		size = len(r.bodyBytes())
	}
	return r.Header.Method(), u.Scheme(), u.Host(), size
}

// WeaveURL returns the whole URL.
func (w *weaveRequest) WeaveURL() []byte { return w.weaveURI().FullURI() }

// WeaveHeader returns a header.
func (w *weaveRequest) WeaveHeader(name string) []byte { return w.Header.Peek(name) }

// WeaveSet sets a header, or takes one away.
func (w *weaveRequest) WeaveSet(name, value string) {
	if value == "" {
		w.Header.Del(name)
		return
	}
	w.Header.Set(name, value)
}
