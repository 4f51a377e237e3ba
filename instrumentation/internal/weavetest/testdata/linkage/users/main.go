// Users asks for a user.
package main

import (
	"fmt"
	"os/user"

	"example.com/linkage"
)

func main() {
	u, err := user.Lookup("root")
	fmt.Println(linkage.Statement(), u, err)
}
