// Package anthropic has the hooks for github.com/anthropics/anthropic-sdk-go: a span for each call of a model, with all its tries, until
// the answer is read, and the metrics of calls; see hook.GenAI. Of calls that the SDK makes spans of by itself there are the metrics alone.
package anthropic

import (
	"context"
	"io"
	"net/http"
	"net/url"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib    = hook.NewAt("anthropic", "1.43.0")
	models = hook.NewGenAI(lib, "anthropic")
)

func init() {
	hook.LayerGenAI.Join(lib)
	gate.Open("anthropic")
}

// Execute is woven into (*RequestConfig).Execute, by which every request is made. into is where the answer goes, own tells whether the SDK
// makes a span of the call, and under where the body of a response is that the SDK's span reads along with.
func Execute(request *http.Request, base *url.URL, body func() []byte, with func(context.Context), into any, own bool, under func(*http.Response) *io.ReadCloser) func(error) {
	if gate.Closed() || request == nil || request.URL == nil || !lib.On() {
		return nil
	}
	defer lib.Recover()
	if !models.Calls(request.Method, request.URL.Path) {
		return nil
	}
	if own {
		call := models.Measure(request.Context(), request.Method, base, request.URL.Path, body())
		return func(err error) {
			defer lib.Recover()
			raw, streams := into.(**http.Response)
			if err != nil || !streams || *raw == nil {
				hook.Finish(call, into, err)
				return
			}
			// The SDK's wrapper stays outside.
			at := under(*raw)
			response := **raw
			response.Body = *at
			call.Read(&response)
			*at = response.Body
		}
	}
	ctx, call := models.Start(request.Context(), request.Method, base, request.URL.Path, body())
	if call == nil {
		return nil
	}
	with(ctx)
	return func(err error) {
		defer lib.Recover()
		hook.Finish(call, into, err)
	}
}
