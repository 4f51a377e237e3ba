// Package nocgo has no file for cgo.
package nocgo

import (
	"fmt"
	"runtime"
)

// SayWhere says where its file is.
func SayWhere() string {
	_, file, line, _ := runtime.Caller(0)
	return fmt.Sprintf("%s:%d", file, line)
}
