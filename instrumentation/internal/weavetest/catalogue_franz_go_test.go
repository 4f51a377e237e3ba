package weavetest

import "strings"

func init() {
	const one = "send batches (producer)\n"
	each := one + "  process batches (consumer)\n" + worked(2)
	catalogue["franz_go"] = library{server: kfake, programs: []use{
		{name: "all", check: oneAfterTheOther, metrics: map[string]uint64{"messaging.client.operation.duration": 25, "messaging.process.duration": 14,
			"messaging.client.sent.messages": 0, "messaging.client.consumed.messages": 0}, tree: `` +
			polled() + polled() +
			worked(0) + "commit (client)\n" + worked(0) +
			one + one + strings.Repeat(each, 6) +
			"process batches (consumer) after send batches after send batches\n" + worked(1) +
			worked(0) +
			strings.Repeat("send odd (producer)\n  process odd (consumer)\n"+worked(2), 2) +
			strings.Repeat("send async (producer)\n", 3) + "send async (producer) error *errors.errorString\n" +
			"send (producer) error *errors.errorString\n" +
			"send asked (producer)\nGET (client)\n  GET /next (server)\n    poll (client) after send asked\n" + worked(2) +
			"send last (producer)\n  process last (consumer)\n" + worked(2)},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_FRANZ_GO_ENABLED=false"},
			tree: strings.Repeat(worked(0), 16) + "GET (client)\n  GET /next (server)\n" + worked(2) + worked(0)},
	}}
}

// polled is order where what was polled is committed at the end.
func polled() string {
	return "send orders (producer)\n  process orders (consumer)\n" + worked(2) + "    send shipped (producer)\n      process shipped (consumer)\n" + worked(4) + "    commit orders (client)\n"
}
