package p

import (
	"io"
	"os"
	"strings"
)

type failure struct{}

func (*failure) Error() string { return "" }

func build(b *strings.Builder, f *os.File) (int, *failure) {
	b.WriteString("x")
	io.WriteString(f, "y")
	return 0, nil
}

func count(n int, err error) (int, error) { return n, err }

func quiet(n int) (error, int) { return nil, n }
