//go:build weave_adapter

package logrus

import (
	"context"
	"time"
)

// weaveIdentity and weaveExport are the hooks. The linker prefers their data to these.
var weaveIdentity func(ctx context.Context) (traceID, spanID, flags string)

var weaveExports func() bool

var weaveExport func(ctx context.Context, at time.Time, level uint32, severity, message string, pc uintptr, fields map[string]interface{})

// weaveIdentified exports an entry, and returns it with the identity of its span among its fields, unless there is one. The entry that
// the program's hooks have seen, and may keep, stays as it is.
func weaveIdentified(entry *Entry) *Entry {
	if weaveExport != nil && weaveExports != nil && weaveExports() { // the level's name is memory
		var pc uintptr
		if entry.Caller != nil {
			pc = entry.Caller.PC
		}
		weaveExport(entry.Context, entry.Time, uint32(entry.Level), entry.Level.String(), entry.Message, pc, entry.Data)
	}
	if weaveIdentity == nil {
		return entry
	}
	if _, has := entry.Data["trace_id"]; has {
		return entry
	}
	traceID, spanID, flags := weaveIdentity(entry.Context)
	if traceID == "" {
		return entry
	}
	identified := *entry
	identified.Data = make(Fields, len(entry.Data)+3)
	for key, value := range entry.Data {
		identified.Data[key] = value
	}
	identified.Data["trace_id"] = traceID
	identified.Data["span_id"] = spanID
	identified.Data["trace_flags"] = flags
	return &identified
}
