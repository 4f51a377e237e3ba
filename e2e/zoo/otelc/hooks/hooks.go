// Package hooks has hooks as otelc has them.
package hooks

import (
	"net/url"

	"example.com/zoo/otelc/inst"
)

// AddBefore makes the first argument ten times as large.
func AddBefore(ctx inst.HookContext, a, b int) {
	ctx.SetData(a)
	ctx.SetParam(0, a*10)
}

// AddAfter adds what the first argument was.
func AddAfter(ctx inst.HookContext, sum int) { ctx.SetReturnVal(0, sum+ctx.GetData().(int)) }

// ParseBefore changes what is parsed.
func ParseBefore(ctx inst.HookContext, raw string) {
	if raw == "change" {
		ctx.SetParam(0, "https://changed")
	}
}

// ParseAfter changes what comes out.
func ParseAfter(ctx inst.HookContext, u *url.URL, err error) {
	if u != nil && u.Host == "changed" {
		ctx.SetReturnVal(0, &url.URL{Host: "woven", Path: ctx.GetPackageName() + "." + ctx.GetFuncName()})
	}
}
