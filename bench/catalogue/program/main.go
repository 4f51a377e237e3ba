// Program does the work, and has no instrumentation of its own.
package main

import "github.com/rules-go-weave/rules_go_weave/bench/catalogue/work"

func main() { work.Main(work.Instruments{}) }
