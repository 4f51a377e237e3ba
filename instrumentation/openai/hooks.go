// Package openai has the hooks for github.com/openai/openai-go in its three major versions: a span for each call of a model, with all its
// tries, until the answer is read, and the metrics of calls; see hook.GenAI.
package openai

import (
	"context"
	"net/http"
	"net/url"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib    = hook.NewAt("openai", "1.43.0")
	models = hook.NewGenAI(lib, "openai")
)

func init() {
	hook.LayerGenAI.Join(lib)
	gate.Open("openai")
}

// Execute is woven into (*RequestConfig).Execute, by which every request is made. into is where the answer goes.
func Execute(request *http.Request, base *url.URL, body func() []byte, with func(context.Context), into any) func(error) {
	if gate.Closed() || request == nil || request.URL == nil || !lib.On() {
		return nil
	}
	defer lib.Recover()
	if !models.Calls(request.Method, request.URL.Path) {
		return nil
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
