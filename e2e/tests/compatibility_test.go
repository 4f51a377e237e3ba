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
# Versions

Each cell is e2e/matrix built with these versions: plain, and woven if that works. It is "yes" if the woven web program sends its two spans, its
callers have the files and lines of the plain one, its test passes, and a program that uses nothing instrumented is byte for byte the plain one. "–": a plain build fails as well,
of this program or of OpenTelemetry's SDK. rules_go up to 0.55 switches off an experiment that Go 1.25 no longer has; rules_go 0.65 brings Go modules that
need Go 1.26 into every build with Go modules.

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
	b.WriteString(`Below the lowest of these a build ends with a message that names both versions and what to do; above the highest, or where a version is not
stated, it says so once and goes on (rules/private/versions.bzl). What a newer version changed is then told by a build that fails: parts of
rules_go are looked for before they are used (rules/private/rules_go.bzl), rules for the standard library that find nothing are errors, and
the linker refuses a woven package of it whose export data differ. The weave of package runtime is for the releases of Go that it was made for; with a newer one
goroutines have no parents but those that contexts name.

## Systems

| program for | built in a test | run in a test |
|---|---|---|
| linux/amd64 | yes | everything |
| linux/arm64 | TestArm64, TestModes | TestArm64, by qemu's emulator of programs: all programs without contexts, and the ends but for panics and deadlocks, which wait too short for an emulator |
| windows/amd64, darwin/arm64, freebsd/amd64 | TestModes, by Bazel: linked, and what is in them | **no**: there was no such machine, and Debian forky has no Wine |
| windows/arm64, darwin/amd64, freebsd/arm64 | no; they are woven as the others are | no |
| other systems | by the go command, without a test | no; Bazel builds them plain, and says so once. For js, wasip1 and plan9 the go command weaves only rules of one's own, and says so |

What a system has of the ends of a program, after which nothing is lost that waited to be sent (instrumentation/go_runtime):

| end | Linux, FreeBSD | darwin | Windows |
|---|---|---|---|
| main returns, os.Exit, a panic, a deadlock, syscall.Exec | yes | yes | yes; there is no Exec |
| a signal that the program does not handle | SIGTERM, SIGINT, SIGHUP | the same; a thread looks for them ten times a second, as its signal handlers can wake nobody | Ctrl-C, Ctrl-Break, the console is closed, the session or the system ends; the exit code is that of the system, 0xC000013A |
| a service is told to stop | SIGTERM | SIGTERM | the handler of golang.org/x/sys/windows/svc returns, then main does |
| a broken pipe | SIGPIPE | SIGPIPE | ends no program |

## Bazel 8 and 9

No Bazel newer than the one above could be had where this page is made. What follows is from reading: of our own rules, and of Bazel and rules_go, their
release notes and issues up to Bazel 9.2. Nothing of it was run; a woven build with a newer Bazel says once that it was not tried.

| what changed | here |
|---|---|
| WORKSPACE: off in 8, gone in 9 | there never was one |
| rules and providers that Bazel brought along: autoloaded in 8, gone in 9 | none is used here; rules_go 0.50 needs what 8 autoloads (sh_test), 9 needs rules_go 0.60 or newer (CcInfo) |
| canonical names of repositories have + in place of ~ | only Label() makes labels; no such name is written |
| compatibility_level does nothing since 8.6 and 9.1, and 10 refuses it | MODULE.bazel has none |
| output directories begin with the name of the platform in 9, for tools at least, in place of the CPU | the configuration for tools is told by MODE-exec behind it (is_tool_directory in rules/private/compat.bzl), which stays. **Gap:** nothing public says it. A Bazel that names it otherwise would weave tools |
| --incompatible_exclude_starlark_flags_from_exec_config, there in 9, the default of 10 | //:weave is then off where tools are built, which are plain in any case |
| exec configurations that are equal may have other directories by the flags of the build (bazelbuild/bazel#28989, 9.0) | **Gap:** plain and woven builds may then not share tools, and what they make, in a cache; TestActionsAreShared would tell |
| --experimental_output_paths=strip | the part that is stripped is "cfg" since 7.0 and in the main branch; the compiler is told of both names (rewrite in rules/private/actions/weave.bzl). **Gap:** the flag is to be renamed (bazelbuild/bazel#27591) |
| aspects may go to toolchains (toolchains_aspects, 8) | the aspect of reports goes along program alone, and does not ask for more |
| validations of aspects run for targets that are asked for, and not below (bazelbuild/bazel#19636, 7 to 9) | the validation of weave_report is that of a rule |
| a toolchain for tests that a cross-compiled one cannot have by itself (9) | **Gap:** woven_test with --platforms; rules_go knows of it since July 2026 (bazel-contrib/rules_go#4670) |
| --experimental_strict_repo_env (8.6) hides the environment from repository rules, --incompatible_repo_env_ignores_action_env (9) that of actions | the weaver is built by cargo in one: --repo_env=HOME, and --repo_env=CARGO_HOME where it is set |
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
