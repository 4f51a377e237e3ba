// Package own is woven by rules of the workspace that it is in.
package own

import (
	_ "embed"
	"errors"
	"runtime"
	"strconv"
)

//go:embed greeting.txt
var greeting string

// ErrNobody is returned for an empty name.
var ErrNobody = errors.New("nobody to greet")

// Greet greets. It is not inlined, so its body is no part of the export data.
//
//go:noinline
func Greet(name string) (string, error) {
	if name == "" {
		return "", ErrNobody
	}
	if name == "panic" {
		panic("greeted panic at " + here())
	}
	return greeting + ", " + name, nil
}

func here() string {
	_, file, line, _ := runtime.Caller(1)
	return file + ":" + strconv.Itoa(line)
}
