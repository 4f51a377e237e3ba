package mistaken

// static int one(void) { return 1; }
import "C"

import (
	// static int two(void) { return 2; }
	"C"
)

func say() string {
	return C.one() + C.two()
}
