package p

import "net/http"

type T struct{ n int }

var (
	a = http.Client{Timeout: 1}
	b = &http.Client{
		Timeout: 1 +
			2,
	}
	c = []http.Client{{Timeout: 3}}
	d = new(http.Client)
	e = &http.Server{}
	f = http.Server{ReadTimeout: 1}
)

func (t *T) pointer() int { return t.n }

func (t T) value() int { return t.n }

//mark key:value other
func same(_ int, s string) int {
	//mark
	x := same(1, "a")
	same(x, "b")
	//mark one:two
	g := func(int, string) {}
	h := func(n int, s string) { g(n, s) }
	h(len(s), s)
	//mark
	return same(2, "c")
}

func value(c http.Client) http.Client { return c }

func pointer(c *http.Client) *http.Client { return c }

func length[T ~string | ~[]int](v T) int { return 0 }
