// Named asks for an address.
package main

import (
	"fmt"
	"net"

	"example.com/linkage"
)

func main() {
	found, err := net.LookupHost("localhost")
	fmt.Println(linkage.Statement(), len(found) > 0, err)
}
