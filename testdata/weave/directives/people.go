package p

//weave:span find s:$s n:$n kind:"a \"b\""
func (t *T) Find(s string, n int) (int, error) {
	if n > 0 {
		return n, nil
	}
	return t.find(s)
}

//dd:span s:$s empty span.name:op
func unnamed(string) (n int, err error) {
	n = 1
	return
}

//weave:span
func (T) Plain(_ string) error { return nil }

//weave:log level:debug args:*
func log(a, b int) int { return a }

//weave:log
func more() {}

type T int

func (t *T) find(s string) (int, error) { return 0, nil }
