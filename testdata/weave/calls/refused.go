package p

import "os"

func opts(o ...int) {}

func f(list []int) {
	defer os.Remove("x")
	opts(list...)
	os.Chdir("y")
}
