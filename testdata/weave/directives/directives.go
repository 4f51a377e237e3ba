package p

//weave:span name:"a b" kind:server
func Span(ctx string) error {
	return nil
}

//weave:span
func (T) Method() {}

//other:span
func Other() {}

//weave:field
type T struct{}

//weave:value
var v = 1

func f() {
	//weave:mark here
	v++
	g := func() {
		//weave:mark
		v--
	}
	//weave:mark
	//weave:ignore
	g()
}

//weave:ignore
func ignored() {
	//weave:mark
	v = 3
}
