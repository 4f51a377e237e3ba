//go:build weave_adapter

package zerolog

import "context"

// weaveIdentity and weaveExport are the hooks. The linker prefers their data to these.
var weaveIdentity func(ctx context.Context, written []byte) (traceID, spanID, flags string)

var weaveExport func(ctx context.Context, level int8, severity string, written []byte, levelName, messageName, timeName string)

// weaveIdentify exports an event, and adds the identity of its span to what is written, unless there is one.
func weaveIdentify(e *Event) {
	var ctx context.Context
	if c, ok := interface{}(e).(interface{ GetCtx() context.Context }); ok { // not in every version
		ctx = c.GetCtx()
	}
	if weaveExport != nil {
		weaveExport(ctx, int8(e.level), e.level.String(), e.buf, LevelFieldName, MessageFieldName, TimestampFieldName)
	}
	if weaveIdentity == nil {
		return
	}
	traceID, spanID, flags := weaveIdentity(ctx, e.buf)
	if traceID == "" {
		return
	}
	e.buf = enc.AppendString(enc.AppendKey(e.buf, "trace_id"), traceID)
	e.buf = enc.AppendString(enc.AppendKey(e.buf, "span_id"), spanID)
	e.buf = enc.AppendString(enc.AppendKey(e.buf, "trace_flags"), flags)
}
