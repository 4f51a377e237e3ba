package logs

import (
	"fmt"
	"reflect"
	"strconv"
)

// maxShown bounds the text of a value, in bytes, and maxNested how deep it is shown: a value may contain itself, and be of any size.
const maxShown, maxNested = 16 << 10, 8

// show returns what fmt's %+v makes of a value, or its beginning. A method of the value's that panics is said to.
func show(value any) string {
	return string(appendShown(nil, reflect.ValueOf(value), 0))
}

// appendSaid appends what a value says of itself, if it is one that does: an error or a Stringer.
func appendSaid(b []byte, v reflect.Value) (_ []byte, said bool) {
	if !v.CanInterface() {
		return b, false
	}
	var say func() string
	switch value := v.Interface().(type) {
	case error:
		say = value.Error
	case fmt.Stringer:
		say = value.String
	default:
		return b, false
	}
	text := ""
	func() {
		defer func() {
			if recover() == nil {
				return
			}
			if text = fmt.Sprintf("(panic in a method of %T)", v.Interface()); v.Kind() == reflect.Pointer && v.IsNil() {
				text = "<nil>"
			}
		}()
		text = say()
	}()
	return append(b, text[:min(len(text), maxShown)]...), true
}

func appendShown(b []byte, v reflect.Value, depth int) []byte {
	if len(b) > maxShown {
		return b
	}
	if !v.IsValid() {
		return append(b, "<nil>"...)
	}
	if b, said := appendSaid(b, v); said {
		return b
	}
	if depth > maxNested {
		return append(b, "..."...)
	}
	// list appends the parts of a value, until it is long enough.
	list := func(n int, part func(i int)) {
		for i := range n {
			if i > 0 {
				b = append(b, ' ')
			}
			if len(b) > maxShown {
				return
			}
			part(i)
		}
	}
	switch v.Kind() {
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(b, v.Int(), 10)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.AppendUint(b, v.Uint(), 10)
	case reflect.Float32:
		return strconv.AppendFloat(b, v.Float(), 'g', -1, 32)
	case reflect.Float64:
		return strconv.AppendFloat(b, v.Float(), 'g', -1, 64)
	case reflect.Complex64, reflect.Complex128:
		return fmt.Append(b, v.Complex())
	case reflect.String:
		s := v.String()
		return append(b, s[:min(len(s), maxShown)]...)
	case reflect.Interface:
		return appendShown(b, v.Elem(), depth)
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, "<nil>"...)
		}
		switch v.Elem().Kind() {
		case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array:
			if depth == 0 {
				return appendShown(append(b, '&'), v.Elem(), depth+1)
			}
		}
	case reflect.Struct:
		b = append(b, '{')
		list(v.NumField(), func(i int) {
			b = appendShown(append(append(b, v.Type().Field(i).Name...), ':'), v.Field(i), depth+1)
		})
		return append(b, '}')
	case reflect.Slice, reflect.Array:
		b = append(b, '[')
		list(v.Len(), func(i int) { b = appendShown(b, v.Index(i), depth+1) })
		return append(b, ']')
	case reflect.Map:
		b = append(b, "map["...)
		each := v.MapRange()
		list(v.Len(), func(int) {
			if each.Next() {
				b = appendShown(append(appendShown(b, each.Key(), depth+1), ':'), each.Value(), depth+1)
			}
		})
		return append(b, ']')
	}
	return append(append(append(b, '('), v.Type().String()...), ')')
}
