// Counted doubles numbers; the external rewriter counts the functions that are entered.
package main

import "fmt"

func main() {
	fmt.Println(double(2), double(3))
}

func double(n int) int { return 2 * n }
