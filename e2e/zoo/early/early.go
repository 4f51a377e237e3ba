// Package early asks a server of its own while packages are initialised.
package early

import (
	"fmt"
	"os"

	"example.com/zoo/web"
)

// At asks if AT in the environment is where it is called, and ends the program as END says.
func At(where string) bool {
	if os.Getenv("AT") != where {
		return true
	}
	url, err := web.Serve()
	if err != nil {
		panic(err)
	}
	fmt.Println(web.Get(url + "/hello/" + where))
	switch os.Getenv("END") {
	case "exit":
		os.Exit(3)
	case "panic":
		panic("at initialisation")
	}
	return true
}
