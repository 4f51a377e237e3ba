// A program into which aspects are woven.
package main

import "strings"

//orchestrion:enabled
var enabled bool

//trace:mark name:end
func main() {
	println(strings.Repeat("ab", 2), strings.ToValidUTF8("a", ""), enabled)
}
