package weavetest

import "strings"

func init() {
	in := func(depth int, lines ...string) (tree string) {
		for i, line := range lines {
			tree += strings.Repeat("  ", depth+i) + line + "\n"
		}
		return tree
	}
	prices := func(depth int) string {
		return in(depth, "publish prices (producer)", "process prices (consumer)") + worked(depth+2)
	}
	// one is a message that is worked on, and more below it.
	one := func(publish, process, more string) string {
		return in(0, "publish "+publish+" (producer)", "process "+process+" (consumer)") + worked(2) + more
	}
	ack := in(2, "ack (client)")
	catalogue["nats"] = library{server: serverProgram("nats_server", "NATS_SERVER"), programs: []use{
		{name: "all", metrics: map[string]uint64{"messaging.client.operation.duration": 0, "messaging.process.duration": 0,
			"messaging.client.sent.messages": 0, "messaging.client.consumed.messages": 0}, tree: `` +
			one("orders.17", "orders.*", prices(2)) + one("orders.18", "orders.*", prices(2)) +
			prices(0) + prices(0) + "publish nobody (producer) error *errors.errorString\n" + worked(0) +
			one("asked", "asked", prices(2)+worked(2)) + one("asked", "asked", "") + worked(0) +
			strings.Repeat(one("channel", "channel", prices(2)+worked(2)), 2) + worked(0) +
			one("odd", "odd", "") + "publish odd (producer)\npublish odd (producer) error *errors.errorString\nprocess odd (consumer)\n" + worked(1) +
			strings.Repeat(one("jobs.first", "jobs.first", ack), 2) + strings.Repeat("publish jobs.first (producer)\n", 2) +
			"process jobs.first (consumer) after publish jobs.first after publish jobs.first\n" + worked(1) + strings.Repeat("  ack (client)\n", 2) + worked(0) +
			in(0, "publish jobs.pushed (producer)", "process jobs.pushed (consumer)", "nak (client)") + "  process jobs.pushed (consumer)\n" + worked(2) + ack +
			strings.Repeat(one("parts", "parts", ack), 5) + one("parts", "parts", in(2, "term (client)")) + worked(0) + worked(0) +
			"publish step (producer)\nGET (client)\n  GET /next (server)\n    receive (client) after publish step\n" + worked(2) +
			"publish old (producer)\nprocess old (consumer)\n" + worked(1)},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_NATS_ENABLED=false"}, tree: strings.Repeat(worked(0), 34) + "GET (client)\n  GET /next (server)\n" + worked(2) + worked(0)},
	}}
}
