package c

import (
	"fmt"
	"runtime"
)

func sayPlain() string {
	_, file, line, _ := runtime.Caller(0)
	return fmt.Sprintf("%s:%d", file, line)
}
