package weavetest

import "testing"

func init() {
	const mail = "enqueue mail (producer)\n  process mail (consumer)\n"
	catalogue["asynq"] = library{server: redisForTasks, programs: []use{
		{name: "all", metrics: map[string]uint64{"messaging.client.operation.duration": 8, "messaging.process.duration": 8,
			"messaging.client.sent.messages": 0, "messaging.client.consumed.messages": 0}, tree: `` +
			mail + worked(2) + mail + worked(2) +
			"enqueue order (producer)\n  process order (consumer)\n" + worked(2) + "    enqueue mail (producer)\n      process mail (consumer)\n" + worked(4) +
			"enqueue flaky (producer)\n  process flaky (consumer) error *errors.errorString\n  process flaky (consumer) error *errors.PanicError\n  process flaky (consumer)\n" +
			mail + worked(2) +
			"enqueue mail (producer) error *errors.Error\nenqueue   (producer) error *errors.errorString\n"},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_ASYNQ_ENABLED=false"}, tree: worked(0) + worked(0) + worked(0) + worked(0) + worked(0)},
	}}
}

// redisForTasks is a Redis; REDIS is its address. What the library asks of it is no part of the trees.
var redisForTasks = once(func(t *testing.T, dir string) ([]string, func()) {
	port, stop := serve(t, dir, "redis-server", "redis-server", func(port string) []string {
		return []string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir}
	})
	return []string{"REDIS=127.0.0.1:" + port, "OTEL_INSTRUMENTATION_REDIS_ENABLED=false", "OTEL_INSTRUMENTATION_GO_REDIS_ENABLED=false"}, stop
})
