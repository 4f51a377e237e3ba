package p

import "os"

type Promoted struct {
	os.File
	*Inner
}

type Inner struct{}

func (*Inner) Close() error { return nil }

func opts(o ...int) {}

func f(list []int) {
	defer os.Remove("x")
	opts(list...)
	os.Chdir("y")
}
