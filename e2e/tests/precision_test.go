package e2e

import (
	"slices"
	"strings"
	"testing"
)

// TestPrecision edits one thing after the other in a copy of e2e/zoo and lists which actions the next woven build runs: these and no
// others.
func TestPrecision(t *testing.T) {
	w := copyOf(t, "zoo", "edits")
	defer w.try("shutdown")
	targets := []string{woven, "//web:cmd", "//own/cmd", "//hello", "//shelf:cmd"}
	w.bazel("build", targets...)
	// From here on nothing is answered by a cache. Every output was fetched: an action that lists unused inputs and was answered by one
	// is then looked at again by the next build, which therefore comes before the edits.
	w.args = slices.DeleteFunc(w.args, func(a string) bool { return strings.HasPrefix(a, "--disk_cache=") })
	w.bazel("build", targets...)

	// The rules of three instrumentations are read with these hooks.
	rules := []string{"GoWeaveRules //kinds:kinds", "GoWeaveRules //weave:own", "GoWeaveRules //weave:shelf"}
	// The programs that get these hooks. //hello is none of them, whether or not it could, and nor is //web, which has xxhash only by
	// hooks of the module's own.
	links := []string{"GoLink //own/cmd:cmd", "GoLink //shelf:cmd"}
	mains := []string{"GoCompilePkg //own/cmd:cmd", "GoCompilePkg //shelf:cmd"}
	connects := []string{"GoWeaveMain //hello:hello", "GoWeaveMain //own/cmd:cmd", "GoWeaveMain //shelf:cmd", "GoWeaveMain //web:cmd"}
	const shipped = "@@rules_go_weave~//instrumentation/"
	const hooks, xxhash = "GoCompilePkg //weave/ownhooks:ownhooks", "@@gazelle~~go_deps~com_github_cespare_xxhash_v2//:xxhash"

	for _, c := range []struct {
		name           string
		file, old, new string
		flags          []string
		want           []string
	}{
		{name: "nothing"},
		{
			name: "a hook's body",
			file: "weave/ownhooks/hooks.go", old: "greet did not return", new: "the greeting was lost",
			want: slices.Concat(rules, []string{hooks}, links),
		},
		{
			name: "a hook's signature, in a name that the rules do not see",
			file: "weave/ownhooks/hooks.go", old: "func Hash(s string) func(uint64) {\n\treturn func(uint64)", new: "func Hash(s string) func(hash uint64) {\n\treturn func(uint64)",
			want: slices.Concat(rules, []string{hooks}, mains, links),
		},
		{
			name: "a hook's results",
			file: "weave/ownhooks/hooks.go", old: "func Hash(s string) func(hash uint64) {\n\treturn func(uint64) { os.Stderr.WriteString(\"hashed \" + s + \"\\n\") }", new: "func Hash(s string) {\n\tos.Stderr.WriteString(\"hashed \" + s + \"\\n\")",
			// Programs are connected by the types of hooks. That of //hello comes out the same.
			want: slices.Concat(rules, []string{hooks, "GoWeave " + xxhash, "GoCompilePkg " + xxhash, "GoLink //web:cmd"}, connects, mains, links),
		},
		{
			name: "a rule's comment, which moves the rules to other lines",
			file: "weave/own.yaml", old: "weave: 1", new: "# It greets\n# louder.\nweave: 1",
			want: []string{"GoWeaveRules //weave:own"},
		},
		{
			name: "one rule",
			file: "weave/own.yaml", old: "replace: [n]", new: "replace: [n]\n        arguments: [n + 0]",
			want: []string{
				"GoWeaveRules //weave:own", "GoWeave //own/tiny:tiny", "GoCompilePkg //own/tiny:tiny",
				// The woven function is inlined into its one caller, which rules that ask for types are for.
				"GoWeaveTypes //own/cmd:cmd", "GoWeaveMain //own/cmd:cmd", "RunNogo //own/cmd:cmd", "GoCompilePkg //own/cmd:cmd", "GoLink //own/cmd:cmd",
			},
		},
		{
			name: "the source of a woven package",
			file: "own/own.go", old: "greeted panic at", new: "a panic was greeted at",
			want: []string{"GoWeave //own:own", "RunNogo //own:own", "GoCompilePkg //own:own", "GoLink //own/cmd:cmd"},
		},
		{
			name: "the source of a package that no rule matches",
			file: "web/web.go", old: "hello %s", new: "hello, %s",
			want: []string{"RunNogo //web:web", "GoCompilePkg //web:web", "GoLink //web:cmd"},
		},
		{
			name:  "a flag that does not concern programs",
			flags: []string{"--@rules_go_weave//:tests=on"},
		},
		{
			name:  "the tool",
			flags: []string{"--extra_toolchains=//another:toolchain"},
			// Everything is woven again, and nothing compiled, as it comes out the same.
			want: []string{
				"GoWeave //own/cmd:cmd", "GoWeave //own/tiny:tiny", "GoWeave //own:own",
				"GoWeave //shelf:index", "GoWeave //shelf:shelf", "GoWeave //shelf:still",
				"GoWeave " + xxhash,
				// A logger that OpenTelemetry has for its own faults.
				"GoWeave @@gazelle~~go_deps~com_github_go_logr_logr//funcr:funcr",
				"GoWeave @@gazelle~~go_deps~io_opentelemetry_go_otel_sdk//trace:trace",
				"GoWeave @@gazelle~~go_deps~io_opentelemetry_go_otel_trace//:trace",
				"GoWeave @@rules_go_weave~//rules/toolchain:std",
				"GoWeaveMain //hello:hello", "GoWeaveMain //own/cmd:cmd", "GoWeaveMain //shelf:cmd", "GoWeaveMain //web:cmd",
				"GoWeaveRules //kinds:kinds", "GoWeaveRules //weave:counted", "GoWeaveRules //weave:directives",
				"GoWeaveRules //weave:own", "GoWeaveRules //weave:shelf",
				// Once for each that is chosen of those that are shipped.
				"GoWeaveRules @@rules_go_weave~//instrumentation",
				"GoWeaveStdCheck @@rules_go_weave~//rules/toolchain:std",
				"GoWeaveStdGraph @@rules_go_weave~//rules/toolchain:std",
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.file != "" {
				w.edit(c.file, c.old, c.new)
			}
			var ran []string
			for _, s := range w.logged(append(slices.Clone(c.flags), targets...)...) {
				// Making the other weaver is none of it.
				if s.TargetLabel == "//another:goweave" {
					continue
				}
				label := s.TargetLabel
				if s.Mnemonic == "GoWeaveRules" && strings.HasPrefix(label, shipped) {
					label = strings.TrimSuffix(shipped, "/")
				}
				ran = append(ran, s.Mnemonic+" "+label)
			}
			slices.Sort(ran)
			slices.Sort(c.want)
			if ran = slices.Compact(ran); !slices.Equal(ran, c.want) {
				t.Errorf("ran:%s\nnot:%s", indent(ran), indent(c.want))
			}
		})
	}
}
