package mistaken

// static int one(void) { return 1; }
import "C"

func say() int {
	return int(C.one() + C.two())
}
