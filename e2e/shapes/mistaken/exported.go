package mistaken

// typedef strict { int n; } number;
import "C"

//export sayExported
func sayExported(n *C.number) {
	n.n = 1
}
