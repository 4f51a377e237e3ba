// Program is the service without instrumentation: built plain, woven, and run beside an agent.
package main

import "github.com/rules-go-weave/rules_go_weave/bench/load/app"

func main() { app.Main(app.Instruments{}) }
