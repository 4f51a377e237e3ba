//go:build weave_adapter

package zapcore

import "time"

// weaveIdentity and weaveExport are the hooks. The linker prefers their data to these.
var weaveIdentity func(written []byte) (traceID, spanID, flags string)

var weaveExport func(at time.Time, level int8, severity, message, logger string, pc uintptr, fields []byte)

// weaveExports reports whether records are exported.
var weaveExports func() bool

// weaveIdentify adds the identity of the record's span to what is written, unless there is one.
func weaveIdentify(enc *jsonEncoder) {
	if weaveIdentity == nil {
		return
	}
	traceID, spanID, flags := weaveIdentity(enc.buf.Bytes())
	if traceID == "" {
		return
	}
	enc.AddString("trace_id", traceID)
	enc.AddString("span_id", spanID)
	enc.AddString("trace_flags", flags)
}

// weaveExportEntry exports an entry with its fields, and with those that the logger has if one of its cores writes by an encoder of
// this package. It panics where a field of the program's does, after which the core would.
func weaveExportEntry(ce *CheckedEntry, fields []Field) {
	if weaveExport == nil || weaveExports == nil || !weaveExports() {
		return
	}
	defer func() { _ = recover() }()
	var enc *jsonEncoder
	for _, core := range ce.cores {
		if c, ok := core.(*ioCore); ok {
			switch e := c.enc.(type) {
			case *jsonEncoder:
				enc = e.clone()
				enc.buf.AppendByte('{')
				_, _ = enc.buf.Write(e.buf.Bytes())
			case consoleEncoder:
				enc = e.jsonEncoder.clone()
				enc.buf.AppendByte('{')
				_, _ = enc.buf.Write(e.jsonEncoder.buf.Bytes())
			default:
				continue
			}
			break
		}
	}
	if enc == nil {
		enc = NewJSONEncoder(EncoderConfig{}).(*jsonEncoder)
		enc.buf.AppendByte('{')
	}
	addFields(enc, fields)
	enc.closeOpenNamespaces()
	enc.buf.AppendByte('}')
	var pc uintptr
	if ce.Caller.Defined {
		pc = ce.Caller.PC
	}
	weaveExport(ce.Time, int8(ce.Level), ce.Level.String(), ce.Message, ce.LoggerName, pc, enc.buf.Bytes())
	enc.buf.Free()
}
