// Package plainhooks has hooks as Alibaba's agent has them, which no other package can name.
package plainhooks

import (
	_ "unsafe"

	"example.com/zoo/otelc/inst"
)

//go:linkname getOnEnter example.com/zoo/otelc/lib.getOnEnter
func getOnEnter(call inst.HookContext) { call.SetData(call.GetFuncName()) }

//go:linkname getOnExit example.com/zoo/otelc/lib.getOnExit
func getOnExit(call inst.HookContext) {
	if s, ok := call.GetReturnVal(0).(string); ok {
		call.SetReturnVal(0, call.GetData().(string)+" "+s)
	}
}
