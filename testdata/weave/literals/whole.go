package p

type S struct{ A int }

func see(s S) S { return s }

func seep(s *S) *S { return s }

func f() {
	a := S{A: 1}
	b := &S{
		A: 2,
	}
	c := new(S)
	if see(S{}).A == (S{A: 3}).A {
		a.A = 2
	}
	_, _, _ = a, b, c
}
