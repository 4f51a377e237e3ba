// Hello uses nothing that is instrumented.
package main

import "fmt"

func main() {
	fmt.Println("hello")
}
