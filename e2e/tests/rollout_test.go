package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rolloutRepository is what the repository of docs/rollout.md has before its first step. The files of the page are added to it.
var rolloutRepository = map[string]string{
	"services/checkout/BUILD.bazel": `load("@rules_go//go:def.bzl", "go_binary", "go_test")

go_binary(
    name = "checkout",
    srcs = ["main.go"],
    deps = ["//web"],
)

go_test(
    name = "checkout_test",
    srcs = ["checkout_test.go"],
    deps = ["//own"],
)
`,
	"services/checkout/main.go": rolloutMain,
	// Its hook would greet another.
	"services/checkout/checkout_test.go": `package checkout

import (
	"testing"

	"example.com/zoo/own"
)

func TestGreet(t *testing.T) {
	if got, err := own.Greet("gopher"); got != "good day, gopher" || err != nil {
		t.Fatal(got, err)
	}
}
`,
	"cmd/shop/BUILD.bazel": `load("@rules_go//go:def.bzl", "go_binary", "go_test")

go_binary(
    name = "shop",
    srcs = ["main.go"],
    visibility = ["//visibility:public"],
    deps = ["//web"],
)

go_test(
    name = "shop_test",
    srcs = ["shop_test.go"],
    deps = ["//web"],
)
`,
	"cmd/shop/main.go": rolloutMain,
	"cmd/shop/shop_test.go": `package shop

import (
	"testing"

	"example.com/zoo/web"
)

func TestServe(t *testing.T) {
	if _, err := web.Serve(); err != nil {
		t.Fatal(err)
	}
}
`,
	"cmd/stock/BUILD.bazel": `load("@rules_go//go:def.bzl", "go_binary")

go_binary(
    name = "stock",
    srcs = ["main.go"],
    visibility = ["//visibility:public"],
)
`,
	"cmd/stock/main.go": `package main

import (
	"database/sql"
	"fmt"
)

func main() { fmt.Println(sql.Open("stock", "")) }
`,
}

const rolloutMain = `package main

import (
	"fmt"

	"example.com/zoo/web"
)

func main() {
	url, err := web.Serve()
	if err != nil {
		panic(err)
	}
	fmt.Println(web.Get(url + "/hello/gopher"))
}
`

// TestRollout does what docs/rollout.md says: writes its files, runs its commands, and looks whether what the page promises of each is so.
// The repository is e2e/zoo, with its output base, and beside it a directory in which Bazel looks for packages, too.
func TestRollout(t *testing.T) {
	w := open(t, "zoo")
	added := filepath.Join(checkoutDir(t, "copies"), "rollout")
	if err := os.RemoveAll(added); err != nil {
		t.Fatal(err)
	}
	for name, text := range rolloutRepository {
		put(t, filepath.Join(added, name), text)
	}
	rc := filepath.Join(added, ".bazelrc")
	put(t, rc, "")
	w.args = append(w.args, "--package_path=%workspace%:"+added)
	bin := w.bazelOnPath("--bazelrc=" + rc)

	// The program, plain and woven.
	program := func() string { return digest(w.read("bazel-bin/services/checkout/checkout_/checkout")) }
	var plain, wovenBinary string
	spans := func(path string, env ...string) int {
		t.Helper()
		c := collect(t)
		if out, errs := run(t, 0, append(c.env("checkout"), env...), w.file(path)); out != "hello gopher <nil>\n" || errs != "" {
			t.Errorf("%s prints %q and %q", path, out, errs)
		}
		return len(c.all())
	}
	// The results of tests, and the digests of their programs.
	const matched, unmatched = "//services/checkout:checkout_test", "//cmd/shop:shop_test"
	plainTests := map[string]string{}
	tested := func(out string) (results, programs map[string]string) {
		t.Helper()
		results, programs = map[string]string{}, map[string]string{}
		for label, path := range map[string]string{
			matched:   "bazel-bin/services/checkout/checkout_test_/checkout_test",
			unmatched: "bazel-bin/cmd/shop/shop_test_/shop_test",
		} {
			_, result, _ := strings.Cut(out, "\n"+label+" ")
			if results[label], _, _ = strings.Cut(result, "\n"); !strings.Contains(results[label], "PASSED") {
				t.Errorf("%s is not run: %s", label, tail(out))
			}
			programs[label] = digest(w.read(path))
		}
		return results, programs
	}
	required := func() {
		t.Helper()
		stamp := w.file("bazel-bin/release/weave_report.required")
		if _, err := os.Stat(stamp); err != nil {
			t.Errorf("what is required was not looked for: %v", err)
		}
		// The control: a release without the program that has a database.
		file := filepath.Join(added, "release/BUILD.bazel")
		whole := string(read(t, file))
		less := strings.Replace(whole, `, "//cmd/stock"`, "", 1)
		if less == whole {
			t.Fatalf("the page's target has no //cmd/stock:\n%s", whole)
		}
		put(t, file, less)
		defer put(t, file, whole)
		_, stderr, err := w.try("build", woven, "//release/...")
		for _, want := range []string{
			"required instrumentation `database/sql` is not woven into any program\n",
			"//cmd/shop:shop: the program uses no package that it weaves\n", "help: add a program",
		} {
			if err == nil || !strings.Contains(stderr, want) {
				t.Errorf("%v: no %q in %s", err, want, tail(stderr))
			}
		}
		if strings.Contains(stderr, "`net/http` is not woven into any program") {
			t.Errorf("net/http is woven into //cmd/shop: %s", tail(stderr))
		}
		if page := string(w.read("bazel-bin/release/weave_report.html")); !strings.Contains(page, "//cmd/shop:shop</b> has hooks") || strings.Contains(page, "//cmd/stock") {
			t.Error("the page that says why is not made")
		}
		w.bazel("build", woven, "--norun_validations", "//release/...")
		w.bazel("build", "//release/...")
	}

	// What a command promises, beside what the page shows of its output.
	promises := map[string]func(out string){
		"bazel build //services/checkout:checkout_woven": func(string) {
			const path = "bazel-bin/services/checkout/checkout_woven"
			wovenBinary = digest(w.read(path))
			if on, off := spans(path), spans(path, "OTEL_SDK_DISABLED=true"); on != 2 || off != 0 {
				t.Errorf("%d spans, %d of it switched off", on, off)
			}
			if n := spans(path, "OTEL_INSTRUMENTATION_NET_HTTP_ENABLED=false"); n != 0 {
				t.Errorf("%d spans without net/http", n)
			}
			w.bazel("build", "//services/checkout")
			if n := spans("bazel-bin/services/checkout/checkout_/checkout"); n != 0 {
				t.Errorf("checkout is not what it was: %d spans", n)
			}
			if plain = program(); plain == wovenBinary {
				t.Error("checkout is checkout_woven")
			}
		},
		"bazel run @rules_go_weave//:goweave -- inspect": nil,
		"bazel build --config=weave //services/checkout/...": func(string) {
			if program() != wovenBinary {
				t.Error("checkout is not checkout_woven")
			}
		},
		"bazel test //...": func(out string) { _, plainTests = tested(out) },
		"bazel test --config=weave //...": func(out string) {
			results, programs := tested(out)
			if programs[matched] == plainTests[matched] {
				t.Errorf("%s is the plain one", matched)
			}
			if programs[unmatched] != plainTests[unmatched] || !strings.Contains(results[unmatched], "(cached)") {
				t.Errorf("%s is not the plain one, or is run again: %s", unmatched, results[unmatched])
			}
			stdout, stderr, err := w.try("test", woven, "--@rules_go_weave//:tests=on", "--test_env=OTEL_TRACES_EXPORTER=none", "--test_output=errors", matched)
			if err == nil || !strings.Contains(stdout+stderr, "good day, GOPHER!") {
				t.Errorf("%s has no hooks: %v %s%s", matched, err, stdout, tail(stderr))
			}
		},
		"bazel build --config=weave_report //cmd/...": func(string) {
			for name, want := range map[string]string{
				"cmd/shop/shop":      "<b>//cmd/shop:shop</b> has hooks",
				"cmd/shop/shop_test": "<b>//cmd/shop:shop_test</b> has no hooks: a test, and --@rules_go_weave//:tests is off",
				"cmd/stock/stock":    "<b>//cmd/stock:stock</b> has hooks",
			} {
				if page := string(w.read("bazel-bin/" + name + ".weave_report.html")); !strings.Contains(page, want) {
					t.Errorf("%s: no %q", name, want)
				}
				w.read("bazel-bin/" + name + ".weave_report.json")
			}
		},
		"bazel run @rules_go_weave//:goweave -- report --html": func(string) {
			page := string(w.read("bazel-bin/release.html"))
			for _, want := range []string{"<b>//cmd/shop:shop</b> has hooks", "<b>//cmd/stock:stock</b> has hooks"} {
				if strings.Count(page, want) != 1 {
					t.Errorf("not one %q in the page of several", want)
				}
			}
		},
		"bazel run @rules_go_weave//:goweave -- report --require": func(string) {
			// The control: of the two the one without a database.
			_, stderr, err := w.try("run", "@rules_go_weave//:goweave", "--", "report", "--require", "net/http", "--require", "database/sql",
				"bazel-bin/cmd/shop/shop.weave_report.json")
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.Contains(stderr, "instrumentation `database/sql` is not woven into any program") || strings.Contains(stderr, "`net/http` is not woven into any program") {
				t.Errorf("control: %v %s", err, tail(stderr))
			}
		},
		"bazel build --config=weave //...": func(string) { required() },
		"bazel build //services/checkout": func(string) {
			if program() != wovenBinary {
				t.Error("the program is not woven for everyone")
			}
		},
		"bazel build --@rules_go_weave//:weave=off //services/checkout": func(string) {
			if program() != plain {
				t.Error("the plain build is not given back")
			}
		},
		"bazel run @rules_go_weave//:modules": nil,
	}

	var kept []string
	for _, b := range blocks(t, string(read(t, filepath.Join(repo(t), "docs/rollout.md")))) {
		switch _, text, _ := strings.Cut(b.text, "\n"); b.file {
		case "":
		case ".bazelrc":
			// What the workspace has already would be there twice.
			if !strings.Contains(string(read(t, filepath.Join(w.dir, ".bazelrc"))), text) {
				put(t, rc, text)
			}
		default:
			put(t, filepath.Join(added, b.file), rolloutRepository[b.file]+b.text)
		}
		for _, c := range b.commands {
			out := c.run(t, w.dir, bin, b.fails)
			var of string
			for prefix := range promises {
				if len(prefix) > len(of) && strings.HasPrefix(c.line+" ", prefix+" ") {
					of = prefix
				}
			}
			if of == "" || slices.Contains(kept, of) {
				t.Fatalf("what does the page promise here?\n$ %s", c.line)
			}
			kept = append(kept, of)
			if check := promises[of]; check != nil {
				check(out)
			} else if c.shown == "" {
				t.Errorf("$ %s\nneither shows nor promises anything", c.line)
			}
		}
	}
	if len(kept) != len(promises) {
		t.Errorf("the page has not all commands, only\n%s", strings.Join(kept, "\n"))
	}
}
