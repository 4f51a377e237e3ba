package main

import (
	"fmt"
	"go/types"
	"strings"
)

// typeText writes a type as rules have it: names with full import paths, no names of parameters, aliases followed.
func typeText(t types.Type) string {
	var b strings.Builder
	writeType(&b, t)
	return b.String()
}

func writeType(b *strings.Builder, t types.Type) {
	switch t := types.Unalias(t).(type) {
	case nil:
		b.WriteString("?")
	case *types.Basic:
		b.WriteString(t.Name())
	case *types.Named:
		writeName(b, t.Obj())
		if args := t.TypeArgs(); args.Len() > 0 {
			b.WriteByte('[')
			for i := range args.Len() {
				if i > 0 {
					b.WriteString(", ")
				}
				writeType(b, args.At(i))
			}
			b.WriteByte(']')
		}
	case *types.TypeParam:
		b.WriteString(t.Obj().Name())
	case *types.Pointer:
		b.WriteByte('*')
		writeType(b, t.Elem())
	case *types.Slice:
		b.WriteString("[]")
		writeType(b, t.Elem())
	case *types.Array:
		fmt.Fprintf(b, "[%d]", t.Len())
		writeType(b, t.Elem())
	case *types.Map:
		b.WriteString("map[")
		writeType(b, t.Key())
		b.WriteByte(']')
		writeType(b, t.Elem())
	case *types.Chan:
		writeChan(b, t)
	case *types.Signature:
		b.WriteString("func")
		writeSignature(b, t)
	case *types.Struct:
		writeFields(b, t)
	case *types.Interface:
		writeMethods(b, t)
	default:
		// Tuples and unions are no types of values.
		b.WriteString("?")
	}
}

// writeName writes the name of a type. One that is declared in a function is not what a package calls so.
func writeName(b *strings.Builder, obj *types.TypeName) {
	if obj.Pkg() != nil {
		b.WriteString(obj.Pkg().Path())
		b.WriteByte('.')
		if isLocal(obj) {
			b.WriteString("local~")
		}
	}
	b.WriteString(obj.Name())
}

// isLocal says whether a type is declared in a function.
func isLocal(obj *types.TypeName) bool {
	return obj.Pkg() != nil && obj.Parent() != nil && obj.Parent() != obj.Pkg().Scope()
}

func writeChan(b *strings.Builder, t *types.Chan) {
	switch t.Dir() {
	case types.SendOnly:
		b.WriteString("chan<- ")
	case types.RecvOnly:
		b.WriteString("<-chan ")
	default:
		b.WriteString("chan ")
		// chan (<-chan T) and not (chan<-) chan T.
		if inner, ok := types.Unalias(t.Elem()).(*types.Chan); ok && inner.Dir() == types.RecvOnly {
			b.WriteByte('(')
			writeType(b, t.Elem())
			b.WriteByte(')')
			return
		}
	}
	writeType(b, t.Elem())
}

func writeSignature(b *strings.Builder, s *types.Signature) {
	b.WriteByte('(')
	for i := range s.Params().Len() {
		if i > 0 {
			b.WriteString(", ")
		}
		t := s.Params().At(i).Type()
		if slice, ok := t.(*types.Slice); ok && s.Variadic() && i == s.Params().Len()-1 {
			b.WriteString("...")
			t = slice.Elem()
		}
		writeType(b, t)
	}
	b.WriteByte(')')
	results := s.Results()
	switch results.Len() {
	case 0:
	case 1:
		b.WriteByte(' ')
		writeType(b, results.At(0).Type())
	default:
		b.WriteString(" (")
		for i := range results.Len() {
			if i > 0 {
				b.WriteString(", ")
			}
			writeType(b, results.At(i).Type())
		}
		b.WriteByte(')')
	}
}

func writeFields(b *strings.Builder, t *types.Struct) {
	b.WriteString("struct{")
	for i := range t.NumFields() {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteByte(' ')
		f := t.Field(i)
		if !f.Embedded() {
			b.WriteString(f.Name())
			b.WriteByte(' ')
		}
		writeType(b, f.Type())
	}
	if t.NumFields() > 0 {
		b.WriteByte(' ')
	}
	b.WriteByte('}')
}

func writeMethods(b *strings.Builder, t *types.Interface) {
	b.WriteString("interface{")
	for i := range t.NumMethods() {
		if i > 0 {
			b.WriteByte(';')
		}
		b.WriteByte(' ')
		b.WriteString(t.Method(i).Name())
		writeSignature(b, t.Method(i).Signature())
	}
	if t.NumMethods() > 0 {
		b.WriteByte(' ')
	}
	b.WriteByte('}')
}
