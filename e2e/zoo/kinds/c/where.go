//go:build cgo

/* Package c says where it is. */ package c

/*
#include "inc/where.h"

static inline const char *here(void) { return __FILE__; }
static inline int line(void) { return __LINE__; }
*/
import "C"

import (
	"fmt"
	"runtime"
)

//export sayBack
func sayBack(n C.int) C.int { return n + 1 }

// SayWhere says where its files are, by what Go and C know of them, those that cgo has made among them.
func SayWhere() string {
	_, file, line, _ := runtime.Caller(0)
	return fmt.Sprintf("%s:%d %s:%d %d %s", file, line, C.GoString(C.here()), C.line(), C.back(1), sayPlain())
}
