// Package sqldriver knows drivers of SQL databases: of which system one is by its package, and what may be shown of the errors that they
// return. Hooks of libraries that run SQL share it, so that an error is known again in the spans above, whichever library it came from.
package sqldriver

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"net"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"unicode/utf8"
	"unsafe"

	weaveruntime "github.com/rules-go-weave/rules_go_weave/runtime"
	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// Failure is the recorded form of a database error: its code, and a text without the values of the statement.
type Failure struct{ Code, Text string }

func init() { hook.HideErrors(hidden) }

// texts reports whether the texts of errors are shown.
var texts = weaveruntime.ErrorTexts()

// maxErrors bounds how many errors within one are looked at.
const maxErrors = 32

// safe are errors whose texts are known.
var safe = []error{context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, os.ErrDeadlineExceeded}

// Safe adds errors whose texts may be shown. It is for init functions.
func Safe(errs ...error) { safe = append(safe, errs...) }

// known are texts that database/sql gives to errors which it does not export.
var known = map[string]bool{"sql: database is closed": true, "sql: statement is closed": true, "sql: Rows are closed": true, "driver: bad connection": true}

var plainError = reflect.TypeOf(io.EOF)

// Examine looks at an error that an operation on a database ended with, and at what is within it. It is known again where a span above
// ends with it.
func Examine(err error) (f Failure) {
	if err == nil {
		return f
	}
	// Methods of the driver's may panic.
	hook.Try(func() { f = examineAll(err, true) })
	hook.Try(func() {
		if safeText(err, reflect.ValueOf(err)) == "" {
			said.add(hook.ErrorText(err))
			said.addFields(err)
		}
	})
	switch {
	case texts:
		f.Text = hook.ErrorText(err)
	case f.Text == "":
		f.Text = hook.ErrorType(err)
	}
	return f
}

// hidden describes an error of a database that any span ends with.
func hidden(err error) (string, bool) {
	if texts || err == nil {
		return "", false
	}
	if f := examineAll(err, false); f.Text != "" {
		return f.Text, true
	}
	// What database/sql says about values has them in it.
	text := hook.ErrorText(err)
	for _, prefix := range []string{"sql: Scan error on column", "sql: converting argument", "sql/driver: couldn't convert", "converting driver.Value type"} {
		if strings.Contains(text, prefix) {
			return prefix, true
		}
	}
	// A program that makes an error of the text of another one keeps nothing else of it.
	if said.within(text) {
		return reflect.TypeOf(err).String(), true
	}
	return "", false
}

// examineAll looks at the errors within one, outermost first. Of an error that any call may have returned, only the types tell whether it is a database's.
func examineAll(err error, ours bool) (f Failure) {
	queue := []error{err}
	sentinel := ""
	for i := 0; i < len(queue) && i < maxErrors; i++ {
		e := queue[i]
		v := reflect.ValueOf(e)
		if !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
			continue
		}
		pkg := packageOf(v)
		if code, class := codeOf(e, v, pkg, ours); code != "" || class != "" {
			return Failure{code, describe(class, v.Type().String())}
		}
		if !ours && (fromDriver(pkg) || seen.has(e)) {
			return Failure{"", v.Type().String()}
		}
		if ours {
			if text := safeText(e, v); text == "" {
				seen.add(e)
			} else if sentinel == "" {
				sentinel = text
			}
		}
		switch u := e.(type) {
		case interface{ Unwrap() error }:
			if inner := u.Unwrap(); inner != nil {
				queue = append(queue, inner)
			}
		case interface{ Unwrap() []error }:
			for _, inner := range u.Unwrap() {
				if inner != nil && len(queue) < maxErrors {
					queue = append(queue, inner)
				}
			}
		}
	}
	return Failure{"", sentinel}
}

// safeText is the text of an error that has no values in it, or "".
func safeText(e error, v reflect.Value) string {
	for _, s := range safe {
		if v.Type().Comparable() && e == s {
			return s.Error()
		}
	}
	if errno, ok := e.(syscall.Errno); ok {
		return errno.Error()
	}
	if v.Type() == plainError {
		if text := e.Error(); known[text] || strings.HasPrefix(text, "sql: expected ") && len(text) < 64 {
			return text
		}
	}
	return ""
}

// packageOf returns the package of the type of an error.
func packageOf(v reflect.Value) string {
	t := v.Type()
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.PkgPath()
}

// sightings are the last errors that databases returned, so that they are known again in the status of the spans above: drivers make
// errors by errors.New, too. They are known by their types, their addresses as numbers, and hashes of their texts, which keep nothing
// alive.
type sightings struct {
	next atomic.Uint32
	ring [256]atomic.Uint64
}

var (
	seen sightings
	seed = maphash.MakeSeed()
)

// identity is a number for an error; 0 for none.
func identity(e error) uint64 {
	words := *(*[2]uintptr)(unsafe.Pointer(&e))
	if words[1] == 0 {
		return 0
	}
	return uint64(words[0])*0x9E3779B97F4A7C15 ^ uint64(words[1]) ^ maphash.String(seed, hook.ErrorText(e))
}

func (s *sightings) add(e error) {
	if id := identity(e); id != 0 {
		s.ring[s.next.Add(1)%uint32(len(s.ring))].Store(id)
	}
}

func (s *sightings) has(e error) bool {
	if s.next.Load() == 0 {
		return false
	}
	id := identity(e)
	if id == 0 {
		return false
	}
	for i := range s.ring {
		if s.ring[i].Load() == id {
			return true
		}
	}
	return false
}

// sayings are the last texts that databases gave to errors, so that they are known again within texts that programs make of them:
// fmt.Errorf("saving: %v", err). They are copies of a bounded length.
type sayings struct {
	next atomic.Uint32
	ring [256]atomic.Pointer[saying]
}

type saying struct{ text, quoted string }

// A shorter text may be a part of others by chance. Of a longer one its beginning is enough.
const (
	minSaying = 12
	maxSaying = 256
)

var said sayings

func (s *sayings) add(text string) {
	if len(text) < minSaying {
		return
	}
	if len(text) > maxSaying {
		text = text[:maxSaying]
		for len(text) > 0 && text[len(text)-1] >= utf8.RuneSelf {
			text = text[:len(text)-1] // so that no character is cut
		}
	}
	for i := range s.ring {
		if known := s.ring[i].Load(); known == nil {
			break
		} else if known.text == text {
			return
		}
	}
	one := &saying{text: strings.Clone(text)}
	if q := strconv.Quote(text); q[1:len(q)-1] != text {
		one.quoted = q[1 : len(q)-1]
	}
	s.ring[(s.next.Add(1)-1)%uint32(len(s.ring))].Store(one)
}

// addFields adds what a driver's error consists of: programs show a part of it, too.
func (s *sayings) addFields(err error) {
	for i := 0; i < maxErrors && err != nil; i++ {
		v := reflect.ValueOf(err)
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if v.Kind() == reflect.Struct && fromDriver(v.Type().PkgPath()) {
			for _, name := range []string{"Message", "Detail", "Hint", "Where", "InternalQuery", "Text", "Msg"} {
				if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.String {
					s.add(f.String())
				}
			}
		}
		err = errors.Unwrap(err)
	}
}

// within reports whether a text has one of them in it.
func (s *sayings) within(text string) bool {
	if s.next.Load() == 0 || len(text) < minSaying {
		return false
	}
	for i := range s.ring {
		one := s.ring[i].Load()
		if one == nil {
			break
		}
		if one.text != "" && strings.Contains(text, one.text) || one.quoted != "" && strings.Contains(text, one.quoted) {
			return true
		}
	}
	return false
}

// fromDriver reports whether a type belongs to the driver of a database that is known.
func fromDriver(pkg string) bool {
	if first, _, _ := strings.Cut(pkg, "/"); !strings.Contains(first, ".") {
		return false // of the standard library, or of the program
	}
	system, _ := System(pkg)
	return system != "other_sql"
}

// codeOf returns the database's own code of an error, and what kind of error it says. Drivers tell it by methods, or by fields.
func codeOf(e error, v reflect.Value, pkg string, ours bool) (code, class string) {
	if s, ok := e.(interface{ SQLState() string }); ok {
		if code = valid(s.SQLState()); code != "" {
			return code, "SQLSTATE " + code + state(code)
		}
		return "", "SQLSTATE"
	}
	if n, ok := e.(interface{ SQLErrorNumber() int32 }); ok {
		code = strconv.Itoa(int(n.SQLErrorNumber()))
		return code, "error " + code
	}
	if !ours && !fromDriver(pkg) {
		return "", ""
	}
	lite := strings.Contains(pkg, "sqlite")
	if n, ok := e.(interface{ Code() int }); ok {
		return number(int64(n.Code()), lite)
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct || !fromDriver(pkg) {
		return "", ""
	}
	after := ""
	if s := v.FieldByName("SQLState"); s.IsValid() {
		switch {
		case s.Kind() == reflect.String:
			after = state(valid(s.String()))
		case s.Kind() == reflect.Array && s.Type().Elem().Kind() == reflect.Uint8:
			b := make([]byte, s.Len())
			for i := range b {
				b[i] = byte(s.Index(i).Uint())
			}
			after = state(valid(string(b)))
		}
	}
	for _, name := range []string{"ExtendedCode", "Number", "ErrCode", "Code"} {
		n := v.FieldByName(name)
		switch n.Kind() {
		case reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64:
			if n.Int() == 0 {
				continue
			}
			code, class = number(n.Int(), lite)
		case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
			if n.Uint() == 0 {
				continue
			}
			code, class = number(int64(n.Uint()), lite)
		case reflect.String:
			if code = valid(n.String()); code == "" {
				continue
			}
			return code, "SQLSTATE " + code + state(code)
		default:
			continue
		}
		return code, class + after
	}
	return "", ""
}

// number is a code that is a number.
func number(n int64, lite bool) (code, class string) {
	code = strconv.FormatInt(n, 10)
	class = "error " + code
	if lite {
		if s := liteErrors[n&0xff]; s != "" {
			class += " (" + s + ")"
		}
	}
	return code, class
}

// describe is the text for an error of a class.
func describe(class, kind string) string { return class + ": " + kind }

// valid returns a code that is made of few letters and digits, or "".
func valid(code string) string {
	if len(code) > 10 {
		return ""
	}
	for i := range len(code) {
		if c := code[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return ""
		}
	}
	return code
}

// state names the class of an SQLSTATE, as the SQL standard and PostgreSQL do.
func state(code string) string {
	if len(code) < 2 {
		return ""
	}
	if s := states[code[:2]]; s != "" {
		return " (" + s + ")"
	}
	return ""
}

var states = map[string]string{
	"02": "no data", "08": "connection exception", "0A": "feature not supported", "21": "cardinality violation", "22": "data exception",
	"23": "integrity constraint violation", "24": "invalid cursor state", "25": "invalid transaction state", "26": "invalid statement name",
	"28": "invalid authorization", "2D": "invalid transaction termination", "34": "invalid cursor name", "3D": "invalid catalog name",
	"3F": "invalid schema name", "40": "transaction rollback", "42": "syntax error or access rule violation", "44": "check option violation",
	"53": "insufficient resources", "54": "program limit exceeded", "55": "object not in prerequisite state", "57": "operator intervention",
	"58": "system error", "P0": "PL/pgSQL error", "XX": "internal error", "HY": "general error",
}

// liteErrors are the primary result codes of SQLite.
var liteErrors = map[int64]string{
	1: "error", 2: "internal", 3: "permission", 4: "abort", 5: "busy", 6: "locked", 7: "out of memory", 8: "read only", 9: "interrupted", 10: "input or output",
	11: "corrupt", 12: "not found", 13: "full", 14: "cannot open", 15: "protocol", 17: "schema", 18: "too big", 19: "constraint", 20: "mismatch", 21: "misuse",
	23: "authorization", 25: "range", 26: "not a database",
}
