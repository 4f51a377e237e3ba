// Cmd calls what rules of otelc and of Alibaba's agent weave.
package main

import (
	"fmt"
	"net/url"

	"example.com/zoo/otelc/lib"
)

func main() {
	fmt.Println(lib.Add(1, 2))
	fmt.Println(url.Parse("change"))
	var s lib.Store
	fmt.Println(s.GetOne("k"), s.GetAll())
}
