// Bare has no network and no users, and deadlocks.
package main

import (
	"fmt"

	"example.com/linkage"
)

func main() {
	fmt.Println(linkage.Statement())
	<-make(chan int)
}
