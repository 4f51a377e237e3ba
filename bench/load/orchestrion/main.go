// Orchestrion is the service as Orchestrion builds it.
package main

import "github.com/rules-go-weave/rules_go_weave/bench/load/app"

func main() { app.Main(app.Instruments{}) }
