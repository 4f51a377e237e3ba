// Package go_openai has the hooks for github.com/sashabaranov/go-openai: a span for each call of a model, until the answer is read, and the
// metrics of calls; see hook.GenAI.
package go_openai

import (
	"net/http"
	_ "unsafe" // for linkname

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib    = hook.NewAt("go_openai", "1.43.0")
	models = hook.NewGenAI(lib, "openai")
)

func init() {
	hook.LayerGenAI.Join(lib)
	gate.Open("go_openai")
}

// What the woven package calls around a request.
var (
	//go:linkname begin github.com/sashabaranov/go-openai.weaveBegin
	begin = Begin
	//go:linkname got github.com/sashabaranov/go-openai.weaveGot
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
