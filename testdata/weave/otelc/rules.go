package p

import "strconv"

// Old is in the versions before 2.
func Old(n int) string { return strconv.Itoa(n) }

// New is in the versions from 2 on.
func New(n int) string { return strconv.Itoa(n) }

type secret struct{ n int }

func (s *secret) Get(strconv string, _ int, rest ...byte) (_ int, err error) {
	for range rest {
		s.n++
	}
	return s.n, nil
}

func Generic[K comparable, V any](m map[K]V, key K) (V, bool) {
	v, ok := m[key]
	return v, ok
}

//otelc:span name:"a b"
func Span(int) {}
