// Package google_genai has the hooks for google.golang.org/genai: a span for each call of a model, with all its tries, until the answer is
// read, and the metrics of calls; see hook.GenAI.
package google_genai

import (
	"net/http"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib    = hook.NewAt("google_genai", "1.43.0")
	models = hook.NewGenAI(lib, "gcp.gen_ai")
)

func init() {
	hook.LayerGenAI.Join(lib)
	gate.Open("google_genai")
}

// Send is woven into doRequest, by which every request is sent.
func Send(request *http.Request) (out *http.Request, exit func(*http.Response, error)) {
	out = request
	if gate.Closed() || request == nil {
		return request, nil
	}
	defer lib.Recover()
	with := models.Begin(request)
	if with == request {
		return request, nil
	}
	return with, func(response *http.Response, err error) {
		defer lib.Recover()
		models.Got(with, response, err)
	}
}
