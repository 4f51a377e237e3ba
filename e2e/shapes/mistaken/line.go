package mistaken

// #warning heard
//
// static int one(void) { return 1 }
import "C"

func say() int { return int(C.one()) }
