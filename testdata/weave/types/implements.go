package p

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

type failure struct{ text string }

func (f *failure) Error() string { return f.text }

func parameter(name string, file *os.File, b bytes.Buffer) {}

func pointer(b *bytes.Buffer) (n int, err *failure) { return 0, nil }

func interfaces(_ fmt.Stringer, rw io.ReadWriter) (error, bool) { return nil, true }

func generic[W io.Writer, T any](t T, w W) {}

func variadic(files ...*os.File) {}

func plain(name string) string { return name }

func (f *failure) method() (int, error) {
	return 1, errors.New("x")
}

func literal() {
	_ = func(r *http.Request, w http.ResponseWriter) {}
	_ = func(r *http.Request) {}
}

type local interface{ Error() string }

func arguments(f *os.File) {
	fmt.Fprintln(f, "x", 1)
	fmt.Fprintln(&bytes.Buffer{}, error(nil))
	fmt.Println(f, two())
	fmt.Sprint(pair())
}

func two() *failure { return nil }

func pair() (string, *failure) { return "", nil }
