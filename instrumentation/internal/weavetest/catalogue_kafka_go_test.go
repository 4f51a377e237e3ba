package weavetest

import (
	"cmp"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func init() {
	catalogue["kafka_go"] = library{server: kfake, programs: []use{
		{name: "all", check: oneAfterTheOther, metrics: map[string]uint64{"messaging.client.operation.duration": 19, "messaging.process.duration": 15,
			"messaging.client.sent.messages": 0, "messaging.client.consumed.messages": 0}, tree: `` +
			order("commit orders", "send shipped", "process shipped") + order("commit orders", "send shipped", "process shipped") +
			worked(0) + worked(0) +
			"send batches (producer)\n" + strings.Repeat("  process batches (consumer)\n", 3) + worked(2) + "    commit batches (client)\n" +
			"send odd (producer)\nsend odd (producer) error kafka.MessageTooLargeError\n" + strings.Repeat("process odd (consumer)\n"+worked(1), 5) +
			"send no such topic (producer) error kafka.Error\n" +
			strings.Repeat("send orders (producer) error *errors.errorString\n", 2) + "send (producer) error *errors.errorString\n" +
			strings.Repeat("send left (producer)\n  process left (consumer)\n"+worked(2), 2) +
			"send asked (producer)\nGET (client)\n  GET /next (server)\n    poll asked (client) after send asked\n" + worked(2) +
			"send last (producer)\n  process last (consumer)\n" + worked(2)},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_KAFKA_GO_ENABLED=false"},
			tree: strings.Repeat(worked(0), 14) + "GET (client)\n  GET /next (server)\n" + worked(2) + worked(0)},
	}}
}

// order is a message whose handling sends another one on; "" is left out.
func order(commit, send, process string) string {
	if commit != "" {
		commit = "    " + commit + " (client)\n"
	}
	return "send orders (producer)\n  process orders (consumer)\n" + commit + worked(2) + "    " + send + " (producer)\n      " + process + " (consumer)\n" + worked(4)
}

// worked is what the programs do with a message: a request.
func worked(depth int) string {
	in := strings.Repeat("  ", depth)
	return in + "GET (client)\n" + in + "  GET /work (server)\n"
}

// oneAfterTheOther checks that what is done with a message has ended when another one is taken, or something is done for none: waiting is
// in no span.
func oneAfterTheOther(t *testing.T, spans []Span) {
	known := map[string]bool{}
	for _, s := range spans {
		known[s.ID] = true
	}
	spans = slices.DeleteFunc(slices.Clone(spans), func(s Span) bool {
		return s.Kind.String() != "SPAN_KIND_CONSUMER" && (known[s.Parent] || s.Kind.String() != "SPAN_KIND_CLIENT")
	})
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.StartTimeUnixNano, b.StartTimeUnixNano) })
	for i, s := range spans[1:] {
		if before := spans[i]; before.EndTimeUnixNano > s.StartTimeUnixNano {
			t.Errorf("%v goes on after the beginning of %v", before, s)
		}
	}
	if len(spans) < 10 {
		t.Errorf("only %d spans", len(spans))
	}
}

// kfake is a Kafka broker in memory, which programs start for themselves; KFAKE is where it is.
var kfake = serverProgram("kfake", "KFAKE")

// serverProgram is a program in testdata that programs start for themselves; the variable says where it is.
func serverProgram(folder, variable string) func(t *testing.T) []string {
	return once(func(t *testing.T, dir string) ([]string, func()) {
		binary := filepath.Join(dir, folder)
		cmd := exec.Command("go", "build", "-o", binary, ".")
		cmd.Dir = filepath.Join(Root(), "instrumentation/internal/weavetest/testdata", folder)
		cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
		if _, err := output(cmd); err != nil {
			t.Fatal(err)
		}
		return []string{variable + "=" + binary}, func() {}
	})
}
