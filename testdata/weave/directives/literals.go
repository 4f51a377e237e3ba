package p

type T struct{}

//weave:span variable
var atPackageLevel = func() error { return nil }

func (t *T) method(list []int) func() error {
	//weave:span each n:$n
	each := func(n int) { println(n) }
	for _, n := range list {
		each(n)
	}
	//dd:span span.name:started
	go func() {
		//weave:span
		defer func() {}()
	}()
	//weave:span
	call(func() {}, func() error { return nil })
	//weave:span
	return func() error { return nil }
}

func call(f func(), g func() error) { f() }

//weave:span
func declared() {
	// What is inside has no comment of its own.
	call(func() {}, nil)
}
