package mistaken

import (
	"fmt"
	// static int one(void) { return 1 }
	"C"
)

func say() { fmt.Println(C.one()) }
