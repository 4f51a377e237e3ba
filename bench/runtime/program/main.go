// Program does the work, and is not instrumented: it is measured plain and woven.
package main

import "github.com/rules-go-weave/rules_go_weave/bench/runtime/work"

func main() { work.Main(work.Instruments{}) }
