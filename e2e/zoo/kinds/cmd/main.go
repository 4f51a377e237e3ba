// Cmd says what all kinds of packages say.
package main

import (
	"fmt"

	"example.com/other"
	"example.com/vendored/v2"

	"example.com/zoo/kinds/c"
	"example.com/zoo/kinds/c/nocgo"
	"example.com/zoo/kinds/user"
)

func main() {
	fmt.Println(user.SayTwice())
	fmt.Println(c.SayTwice(21), vendored.Say(), other.Say())
	fmt.Println(c.SayWhere(), nocgo.SayWhere())
}
