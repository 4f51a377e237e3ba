// Tool prints a Go file.
package main

import (
	"fmt"
	"net/http"
)

func main() {
	fmt.Printf("package own\n\n// Teapot is a status.\nconst Teapot = %q\n", http.StatusText(http.StatusTeapot))
}
