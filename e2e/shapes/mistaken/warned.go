package mistaken

import (
	"fmt"
	// #warning heard
	//
	// static int one(void) { return 1; }
	"C"
)

func say() { fmt.Println(C.one()) }
