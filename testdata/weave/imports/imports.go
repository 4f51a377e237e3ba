package p // the package

import (
	"io/ioutil"
	r "math/rand"
)

func weave_slog() {}

func f() (int, error) {
	_, err := ioutil.ReadAll(nil)
	return r.Int(), err
}
