// Cgo is a woven program whose main package uses cgo. With an argument it also reads what nobody has written.
package main

/*
#include <stdlib.h>

static int twice(int n) { return 2 * n; }
*/
import "C"

import (
	"fmt"
	"os"

	"example.com/zoo/web"
)

func main() {
	url, err := web.Serve()
	if err != nil {
		panic(err)
	}
	body, err := web.Get(fmt.Sprintf("%s/hello/%d", url, C.twice(21)))
	fmt.Println(body, err)
	if len(os.Args) > 1 {
		fmt.Println(*(*C.int)(C.malloc(C.sizeof_int)) == 0)
	}
}
