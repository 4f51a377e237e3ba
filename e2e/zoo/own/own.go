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

// Last is who was greeted last.
var Last string

// Greet greets. Neither its body, as it is not inlined, nor what it does with its argument, as it keeps it,
// is in the export data and would be changed by a hook.
//
//go:noinline
func Greet(name string) (string, error) {
	Last = name
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
