package weavetest

import "strings"

func init() {
	sent := func(topic string) string {
		return "send " + topic + " (producer)\n  process " + topic + " (consumer)\n" + worked(2)
	}
	tree := func(tooLarge string) string {
		return strings.Repeat("send orders (producer)\n  process orders (consumer)\n"+worked(2)+"    send shipped (producer)\n      process shipped (consumer)\n"+
			worked(4)+"    commit (client)\n", 2) + strings.Repeat("send orders (producer)\n", 2) + worked(0) +
			strings.Repeat(sent("batches"), 2) + worked(0) +
			strings.Repeat(sent("odd"), 2) + "send odd (producer)\nsend odd (producer) error " + tooLarge + "\nprocess odd (consumer)\n" + worked(1) +
			"GET (client)\n  GET /send (server)\n    send async (producer)\n      process async (consumer)\n" + worked(4) +
			strings.Repeat(sent("async"), 2) + "send no such topic (producer) error sarama.KError\n" +
			"send asked (producer)\nGET (client)\n  GET /next (server)\n    receive asked (client) after send asked\n" + worked(2) +
			sent("last")
	}
	off := use{name: "all", env: []string{"OTEL_INSTRUMENTATION_SARAMA_ENABLED=false"},
		tree: strings.Repeat(worked(0), 11) + "GET (client)\n  GET /send (server)\n" + strings.Repeat(worked(0), 3) + "GET (client)\n  GET /next (server)\n" + worked(2) + worked(0)}
	counts := map[string]uint64{"messaging.client.operation.duration": 20, "messaging.process.duration": 13,
		"messaging.client.sent.messages": 0, "messaging.client.consumed.messages": 0}
	catalogue["sarama"] = library{server: kfake, programs: []use{
		{name: "all", check: oneAfterTheOther, metrics: counts, tree: tree("sarama.ConfigurationError"), oldest: tree("sarama.KError")}, off}}
	catalogue["sarama_shopify"] = library{server: kfake, of: "sarama", heavy: true, programs: []use{
		{name: "all", check: oneAfterTheOther, metrics: counts, tree: tree("sarama.KError")}, off}}
}
