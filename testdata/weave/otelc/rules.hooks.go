package hooks

import "example.com/inst"

func Before(ctx inst.HookContext, s interface{}, text string, n int, rest ...byte) {
	ctx.SetParam(1, text)
}

func After(ctx inst.HookContext, n int, err error) { ctx.SetData(n) }

func Observe(ctx inst.HookContext, m, key any) { _ = ctx.GetFuncName() }

func Skip(ctx inst.HookContext) { other(ctx) }

func other(ctx inst.HookContext) {}
