// Package ollama has the hooks for github.com/ollama/ollama/api: a span for each call of a model, until the answer is read, and the
// metrics of calls; see hook.GenAI.
package ollama

import (
	"net/http"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib    = hook.NewAt("ollama", "1.43.0")
	models = hook.NewGenAI(lib, "ollama")
)

func init() {
	hook.LayerGenAI.Join(lib)
	gate.Open("ollama")
}

// What the woven package calls around a request.
var (
	//go:linkname begin github.com/ollama/ollama/api.weaveBegin
	begin = Begin
	//go:linkname got github.com/ollama/ollama/api.weaveGot
	got = Got
)

// Begin is called before a request is sent, and returns the one to send.
func Begin(request *http.Request) (out *http.Request) {
	out = request
	if gate.Closed() {
		return request
	}
	defer lib.Recover()
	return models.Begin(request)
}

// Got is called with what it has led to.
func Got(request *http.Request, response *http.Response, err error) {
	if gate.Closed() {
		return
	}
	defer lib.Recover()
	models.Got(request, response, err)
}
