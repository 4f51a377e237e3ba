package p

import (
	"io/ioutil"
	m "math/rand"
	"os"
	"slices"
)

func f(name string) ([]byte, error) {
	b, err := ioutil.ReadFile(name)
	_ = os.Remove
	_ = m.
		Int()
	defer os.Remove(name)
	go (os.Remove)(name)
	x := slices.Max[[]int]([]int{1})
	_ = x
	return b, err
}

func readFile(name string) ([]byte, error) { return os.ReadFile(name) }
