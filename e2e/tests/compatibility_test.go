package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// compatibilityFile has what came out of each cell, compatibilityPage is made from it.
const (
	compatibilityFile = "docs/compatibility.json"
	compatibilityPage = "docs/compatibility.md"
)

// cell is what came out of building e2e/matrix with one version of each.
type cell struct {
	RulesGo string `json:"rules_go"`
	Gazelle string `json:"gazelle"`
	Go      string `json:"go"`
	Bazel   string `json:"bazel"`
	Plain   string `json:"plain"` // "ok", or why the plain build fails, of the program or of the SDK
	Woven   string `json:"woven"` // likewise; "" where the plain build fails
}

// TestCompatibilityPage compares the page with what it is made from, and that with the versions that messages name.
func TestCompatibilityPage(t *testing.T) {
	results := readCells(t)
	text, err := os.ReadFile(filepath.Join(repo(t), compatibilityPage))
	if err != nil {
		t.Fatal(err)
	}
	if string(text) != page(results) {
		t.Errorf("%s is not what %s says; ./dev test --matrix writes both", compatibilityPage, compatibilityFile)
	}

	bzl, err := os.ReadFile(filepath.Join(repo(t), "rules/private/versions.bzl"))
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []struct {
		name string
		of   func(cell) string
	}{
		{"BAZEL", func(c cell) string { return c.Bazel }},
		{"RULES_GO", func(c cell) string { return c.RulesGo }},
		{"GO", func(c cell) string { return c.Go }},
	} {
		var ok []string
		for _, c := range results {
			if c.Woven == "ok" {
				ok = append(ok, release(v.of(c)))
			}
		}
		slices.Sort(ok)
		for _, end := range []struct{ name, want string }{{"LOWEST", ok[0]}, {"HIGHEST", ok[len(ok)-1]}} {
			m := regexp.MustCompile(`(?m)^` + v.name + "_" + end.name + ` = "(.*)"$`).FindSubmatch(bzl)
			if m == nil || string(m[1]) != end.want {
				t.Errorf("versions.bzl: %s_%s is %q, and %s was tried", v.name, end.name, m, end.want)
			}
		}
	}
}

// release is the first two numbers of a version.
func release(version string) string {
	parts := strings.Split(version, ".")
	return strings.Join(parts[:2], ".")
}

// page is docs/compatibility.md.
func page(results []cell) string {
	var b strings.Builder
	b.WriteString(`<!-- Written by ./dev test --matrix, as is compatibility.json. -->
# Compatibility

Tested versions of rules_go, Go and Bazel, and tested target systems. For each cell the workspace e2e/matrix is built with these versions:
plain, and woven if that works. "yes" means that the woven web program sends its two spans, its callers have the files and lines of
the plain one, its test passes, and a program that uses nothing instrumented is byte for byte the plain one. "–" means that the plain build
of this program or of OpenTelemetry's SDK fails, too. rules_go up to 0.55 turns off an experiment that Go 1.25 no longer has; rules_go 0.65
brings Go modules that need Go 1.26 into every build with Go modules.

`)
	var notes []string
	for _, bazel := range values(results, func(c cell) string { return c.Bazel }) {
		var of []cell
		for _, c := range results {
			if c.Bazel == bazel {
				of = append(of, c)
			}
		}
		columns := values(of, func(c cell) string { return c.Go })
		fmt.Fprintf(&b, "| Bazel %s | Go %s |\n|---%s|\n", bazel, strings.Join(columns, " | Go "), strings.Repeat("|---", len(columns)))
		for _, rulesGo := range values(of, func(c cell) string { return c.RulesGo }) {
			fmt.Fprintf(&b, "| rules_go %s", rulesGo)
			for _, column := range columns {
				i := slices.IndexFunc(of, func(c cell) bool { return c.RulesGo == rulesGo && c.Go == column })
				switch {
				case i < 0:
					b.WriteString(" | not tried")
				case of[i].Plain != "ok":
					b.WriteString(" | –")
					notes = append(notes, fmt.Sprintf("plain, rules_go %s with Go %s: %s", rulesGo, column, of[i].Plain))
				case of[i].Woven != "ok":
					b.WriteString(" | no")
					notes = append(notes, fmt.Sprintf("woven, rules_go %s with Go %s: %s", rulesGo, column, of[i].Woven))
				default:
					b.WriteString(" | yes")
				}
			}
			b.WriteString(" |\n")
		}
		b.WriteString("\n")
	}
	for _, n := range notes {
		fmt.Fprintf(&b, "- %s\n", n)
	}
	if len(notes) > 0 {
		b.WriteString("\n")
	}
	b.WriteString(`With a version below the lowest of these, a build fails with a message that names both versions and the next step. With a version above the
highest, or an unknown one, a build warns once and goes on (rules/private/versions.bzl). An incompatible newer version then fails
the build, not the program: parts of rules_go are looked up before use (rules/private/rules_go.bzl), rules for the standard library that
match nothing are errors, and the linker refuses a woven standard package whose export data differ. Package runtime is woven only for the
Go releases that its rules name; with a newer release, goroutines have only the parents that contexts name.

## Systems

| program for | built in a test | run in a test |
|---|---|---|
| linux/amd64 | yes | everything |
| linux/arm64 | TestArm64, TestModes | TestArm64, with qemu user emulation: all programs without contexts, and the ends of a program except panics and deadlocks, whose wait is too short for an emulator |
| windows/amd64, darwin/arm64, freebsd/amd64 | TestModes, by Bazel: linked, and contents checked | **no**: no such machine was available, and Debian forky has no Wine |
| windows/arm64, darwin/amd64, freebsd/arm64 | no; they are woven like the others | no |
| other systems | by the go command, without a test | no; Bazel builds them plain and warns once. For js, wasip1 and plan9 goweave go weaves only rules of your own, and says so |

Ends of a program at which pending telemetry is sent, by system (instrumentation/go_runtime):

| end | Linux, FreeBSD | darwin | Windows |
|---|---|---|---|
| main returns, os.Exit, a panic, a deadlock, syscall.Exec | yes | yes | yes; Windows has no Exec |
| a signal that the program does not handle | SIGTERM, SIGINT, SIGHUP | the same; a thread polls for them ten times a second, because signal handlers cannot wake a thread there | Ctrl-C, Ctrl-Break, the console is closed, the session or the system ends; the exit code is the system's, 0xC000013A |
| a service is told to stop | SIGTERM | SIGTERM | the handler of golang.org/x/sys/windows/svc returns, then main does |
| a broken pipe | SIGPIPE | SIGPIPE | does not end a program |

## Bazel 8 and 9

No Bazel newer than the one above was available for these tests. The table comes from reading our rules, and the release notes and issues of
Bazel (up to 9.2) and rules_go. Nothing in it was run; a woven build with a newer Bazel warns once that the version is untested.

| change | effect here |
|---|---|
| WORKSPACE: off in 8, gone in 9 | none is used |
| built-in rules and providers: autoloaded in 8, gone in 9 | none is used here; rules_go 0.50 needs one that 8 autoloads (sh_test), and 9 needs rules_go 0.60 or newer (CcInfo) |
| canonical repository names contain + instead of ~ | labels are made only by Label(); no canonical name is written |
| compatibility_level has no effect since 8.6 and 9.1, and 10 refuses it | MODULE.bazel has none |
| output directories begin with the platform name instead of the CPU in 9, at least for tools | the exec configuration is recognised by the MODE-exec that follows (is_tool_directory in rules/private/compat.bzl), which stays. **Gap:** no public API tells it. A Bazel that names it differently would weave tools |
| --incompatible_exclude_starlark_flags_from_exec_config, available in 9, the default of 10 | //:weave is then off in the exec configuration, where tools are plain anyway |
| equal exec configurations may get different directories, depending on build flags (bazelbuild/bazel#28989, 9.0) | **Gap:** plain and woven builds may then not share tools and their outputs in a cache; TestActionsAreShared would show it |
| --experimental_output_paths=strip | the stripped part is "cfg" since 7.0 and in the main branch; the compiler is given both names (rewrite in rules/private/actions/weave.bzl). **Gap:** the flag is to be renamed (bazelbuild/bazel#27591) |
| aspects may propagate to toolchains (toolchains_aspects, 8) | the report aspect propagates along program only |
| validation actions of aspects run for requested targets only, not for their dependencies (bazelbuild/bazel#19636, 7 to 9) | the validation action of weave_report belongs to a rule |
| a test toolchain, which a cross-compiled test must be given (9) | **Gap:** woven_test with --platforms; rules_go handles it since July 2026 (bazel-contrib/rules_go#4670) |
| --experimental_strict_repo_env (8.6) hides the environment from repository rules, --incompatible_repo_env_ignores_action_env (9) the variables of --action_env | cargo builds the weaver in a repository rule: pass --repo_env=HOME, and --repo_env=CARGO_HOME if it is set |
`)
	return b.String()
}

// values are the distinct values of a field, in the order of versions.
func values(results []cell, field func(cell) string) []string {
	var all []string
	for _, c := range results {
		all = append(all, field(c))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func readCells(t *testing.T) []cell {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(repo(t), compatibilityFile))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var results []cell
	if err := json.Unmarshal(data, &results); err != nil {
		t.Fatal(err)
	}
	return results
}
