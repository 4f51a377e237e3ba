// Host loads a plugin.
package main

import (
	"fmt"
	"os"
	"plugin"

	"example.com/zoo/kinds/user"
)

func main() {
	fmt.Println(user.SayTwice())
	p, err := plugin.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	said, err := p.Lookup("Said")
	if err != nil {
		panic(err)
	}
	fmt.Println(said.(func() string)())
}
