// Package rediscmd describes commands of Redis, and what they end with. The hooks of all its clients share it.
package rediscmd

import (
	"context"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sqldriver"
)

// names has the commands that were seen, by their names as programs write them. It is replaced, and not changed.
var names atomic.Pointer[map[string]string]

// maxNames bounds the names: a program may send what it was sent.
const maxNames = 400

// Operation is the name of a command, as Redis writes it; "" for what cannot be one, or is one of too many.
func Operation(name string) string {
	known := names.Load()
	if known != nil {
		if s, ok := (*known)[name]; ok {
			return s
		}
	}
	if len(name) == 0 || len(name) > 40 || strings.ContainsFunc(name, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-' && r != ' '
	}) {
		return ""
	}
	for {
		more := map[string]string{}
		if known != nil {
			if len(*known) >= maxNames {
				return ""
			}
			for k, v := range *known {
				more[k] = v
			}
		}
		s := strings.ToUpper(strings.Clone(name))
		more[strings.Clone(name)] = s
		if names.CompareAndSwap(known, &more) {
			return s
		}
		known = names.Load()
	}
}

// Describe returns how a command is described, or several of one name that are sent as PIPELINE or MULTI, which is then the prefix.
func Describe(to *hook.DBServer, prefix, name string) *hook.DBStatement {
	name = Operation(name)
	switch {
	case prefix == "" && name == "":
		return to.Statement("")
	case prefix == "":
		return to.Operation(name, "")
	case name == "":
		return to.Operation(prefix, "")
	}
	return to.Operation(prefix+" "+name, "")
}

// Code is the code in the text of an error of Redis, which is its first word, as WRONGTYPE; "" for none.
func Code(text string) string {
	first, _, _ := strings.Cut(text, " ")
	if len(first) > 1 && len(first) <= 24 && !strings.ContainsFunc(first, func(r rune) bool { return r < 'A' || r > 'Z' }) {
		return strings.Clone(first)
	}
	return ""
}

// End ends a call with an error, of which code is that of Redis.
func End(call *hook.DBCall, err error, code string) {
	f := sqldriver.Examine(err)
	if f.Code == "" && code != "" {
		f.Code = code
		if f.Text == hook.ErrorType(err) {
			f.Text = code + ": " + f.Text
		}
	}
	call.End(err, f.Code, f.Text)
}

// maxText bounds what is shown of the commands of a batch.
const maxText = 4 << 10

// Batch describes commands that are sent together. The zero one has none.
type Batch struct {
	n     int
	first string
	mixed bool // they have several names
	multi bool // they are a transaction, whose own commands, MULTI and EXEC, do not count
	exec  bool
	text  strings.Builder
}

// Add adds a command. show returns what is shown of it; it may be nil.
func (b *Batch) Add(name string, show func() string) {
	of := Operation(name)
	switch {
	case b.n == 0 && !b.multi && of == "MULTI":
		b.multi = true
		return
	case b.multi && !b.exec && of == "EXEC":
		b.exec = true
		return
	case b.n == 0:
		b.first = of
	case of != b.first || b.exec:
		b.mixed = true
	}
	b.n++
	if show != nil && b.text.Len() < maxText {
		if b.text.Len() > 0 {
			b.text.WriteString("; ")
		}
		b.text.WriteString(show())
	}
}

// None reports whether there is no command.
func (b *Batch) None() bool { return b.n == 0 && !b.multi }

// Sent is how many commands there are, those of a transaction among them.
func (b *Batch) Sent() int {
	n := b.n
	for _, one := range []bool{b.multi, b.exec} {
		if one {
			n++
		}
	}
	return n
}

// Start starts the call of the commands; nil for one that is not described.
func (b *Batch) Start(ctx context.Context, calls *hook.DB, to *hook.DBServer) (context.Context, *hook.DBCall) {
	name, prefix := b.first, ""
	switch {
	case b.mixed:
		name, prefix = "", "PIPELINE"
	case b.n > 1:
		prefix = "PIPELINE"
	}
	if b.multi {
		prefix = "MULTI"
	}
	with, call := calls.Start(ctx, Describe(to, prefix, name))
	if call.Recording() {
		if b.n > 1 {
			call.Set(attribute.Int("db.operation.batch.size", b.n))
		}
		if text := b.text.String(); text != "" {
			call.Set(attribute.String("db.query.text", text))
		}
	}
	return with, call
}
