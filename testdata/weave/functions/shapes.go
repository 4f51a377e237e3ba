//go:build linux || !linux

package p

import (
	"io"
	_ "unsafe"
)

type T struct{ io.Reader }

type Alias = T

type List[K comparable, V any] struct{ m map[K]V }

func (l *List[K, _]) Get(k K) (v any, ok bool) { return l.m[k], true }

func (t *Alias) Aliased(int, string) (_ error) { return nil }

func (T) Value() {}

func init() { println("init") }

func init() {
	println("again")
}

func main() {}

func bodyless(a int) int

//go:nosplit
func nosplit() {}

//go:norace
func norace(a int) (err error) { return }

//go:linkname linked p.linked
func linked(weaveResult0 int) (weaveExit int) { return weaveResult0 }

//go:noinline
func unnamed(int, ...string) (int, error) { return 1, nil }

func blank(_ int, _ ...string) (_ int, err error) { return }

func one(any, func(int) (int, error)) error { return nil }

func closures() func(a int) (b int) {
	f := func(s string) { println(s) }
	go func() { f("go") }()
	return func(a int) (b int) {
		return func() int { return a }()
	}
}

func variadic(a ...int) int { return len(a) }
