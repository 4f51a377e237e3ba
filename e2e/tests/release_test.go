package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestRelease makes a release of a copy of this checkout, with this machine's weaver, serves it from a registry and a file server, and uses
// it as a stranger would: without cargo, by a remote executor, and without a network once all is fetched.
func TestRelease(t *testing.T) {
	const version, target = "9.8.7", "//cmd/storefront"
	dir := t.TempDir()
	weavers := filepath.Join(dir, "weavers")
	file := strings.TrimSpace(must(t, repo(t), "./dev", "release", "binary", weavers))
	platform := strings.TrimPrefix(filepath.Base(file), "goweave-")

	// What it builds is what the repository rule builds.
	built := open(t, "shop")
	if digest(weaverOf(open(t, "zoo"))) != digest(read(t, file)) {
		t.Error("the weaver of the release is another one than that which Bazel has cargo build")
	}
	built.bazel("build", woven, target)
	program := digest(built.read("bazel-bin/cmd/storefront/storefront_/storefront"))

	var fetched sync.Map
	out := filepath.Join(dir, "out")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := fetched.LoadOrStore(r.URL.Path, new(int))
		*n.(*int)++
		http.StripPrefix("/"+version, http.FileServer(http.Dir(out))).ServeHTTP(w, r)
	}))
	defer server.Close()

	checkout := tagged(t, dir, version)
	release := func(to string, args ...string) (string, error) {
		cmd := exec.Command("./dev", append([]string{"release", version, "--out", to, "--binaries", weavers, "--url", server.URL + "/{version}/{file}"}, args...)...)
		cmd.Dir = checkout
		said, err := cmd.CombinedOutput()
		return string(said), err
	}
	if said, err := release(out); err != nil {
		t.Fatalf("%v\n%s", err, said)
	} else if !strings.Contains(said, "no weaver for darwin_arm64") {
		t.Errorf("it does not say what is missing: %s", said)
	}
	again := filepath.Join(dir, "again")
	if said, err := release(again); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, name := range []string{"SHA256SUMS", "notes.md", "MODULE.bazel", "source.json", "sbom.cdx.json"} {
		if string(read(t, filepath.Join(out, name))) != string(read(t, filepath.Join(again, name))) {
			t.Errorf("%s is another one the second time", name)
		}
	}
	if notes := string(read(t, filepath.Join(out, "notes.md"))); notes != "What is new.\n" {
		t.Errorf("notes: %q", notes)
	}
	var materials struct{ Components []struct{ PURL string } }
	if err := json.Unmarshal(read(t, filepath.Join(out, "sbom.cdx.json")), &materials); err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, component := range materials.Components {
		kind, _, _ := strings.Cut(component.PURL, "/")
		kinds[kind]++
	}
	if kinds[""] != 1 || kinds["pkg:cargo"] < 10 || kinds["pkg:golang"] < 5 {
		t.Errorf("the bill of materials: %v", kinds)
	}

	registry := filepath.Join(dir, "registry")
	put(t, filepath.Join(registry, "bazel_registry.json"), "{}")
	for _, name := range []string{"MODULE.bazel", "source.json"} {
		put(t, filepath.Join(registry, "modules/rules_go_weave", version, name), string(read(t, filepath.Join(out, name))))
	}
	// The tools of a machine without Rust.
	path := filepath.Join(dir, "bin") + ":/usr/bin:/bin"
	goroot := strings.TrimSpace(must(t, repo(t), "go", "env", "GOROOT"))
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(goroot, "bin/go"), filepath.Join(dir, "bin/go")); err != nil {
		t.Fatal(err)
	}
	w := copyOf(t, "shop", "release")
	defer w.try("shutdown")
	const dep = `bazel_dep(name = "rules_go_weave", version = "` + version + `")`
	w.edit("MODULE.bazel", `bazel_dep(name = "rules_go_weave")`, dep+"\nbazel_dep(name = \"platforms\", version = \"1.0.0\")")
	put(t, filepath.Join(w.dir, "platforms/BUILD.bazel"), "platform(name = \"unknown\", constraint_values = [\"@platforms//os:linux\", \"@platforms//cpu:riscv64\"])\n")
	// With nothing that an earlier release has left.
	w.args = append(w.args, "--override_module=rules_go_weave=", "--registry=file://"+registry, "--repo_env=PATH="+path, "--repository_cache=")
	builtFromSource := func() bool {
		_, err := os.Stat(filepath.Join(w.base, "external/rules_go_weave~~goweave~goweave_tool"))
		return err == nil
	}

	t.Run("without cargo", func(t *testing.T) {
		w.bazel("build", "--nobuild", target)
		if _, is := fetched.Load("/" + version + "/goweave-" + platform); is {
			t.Error("a plain build fetches the weaver")
		}
		w.bazel("build", woven, target)
		if n, is := fetched.Load("/" + version + "/goweave-" + platform); !is || *n.(*int) != 1 || builtFromSource() {
			t.Errorf("the weaver of the release is not fetched once: %v; another one is built: %t", n, builtFromSource())
		}
		if digest(w.read("bazel-bin/cmd/storefront/storefront_/storefront")) != program {
			t.Error("the program is another one than that which the checkout weaves")
		}
	})
	t.Run("without a network", func(t *testing.T) {
		fetched.Clear()
		w.bazel("clean")
		w.bazel("build", woven, "--nofetch", target)
		fetched.Range(func(path, _ any) bool {
			t.Errorf("%v is fetched", path)
			return true
		})
	})
	t.Run("for a platform that the release has no weaver for", func(t *testing.T) {
		_, stderr, err := w.try("build", "--host_platform=//platforms:unknown", "@rules_go_weave//:goweave")
		if err == nil || !strings.Contains(stderr, "goweave.tool(from_source = True)") || !strings.Contains(stderr, "register a goweave_toolchain") {
			t.Errorf("%v: %s", err, tail(stderr))
		}
	})
	t.Run("by a remote executor", func(t *testing.T) {
		w.bazel("clean")
		log := w.logged(woven, "--remote_executor="+remote(t, "--execute"), "--spawn_strategy=sandboxed", "--noremote_upload_local_results",
			"--strategy=GoWeave=remote", "--modify_execution_info=^GoWeave$=+no-cache", target)
		ran := 0
		for _, s := range log {
			if s.Mnemonic == "GoWeave" && s.Runner == "remote" {
				ran++
			}
		}
		if ran == 0 {
			t.Error("the executor weaves nothing")
		}
		if digest(w.read("bazel-bin/cmd/storefront/storefront_/storefront")) != program {
			t.Error("the program is another one than that which the checkout weaves")
		}
	})
	t.Run("from source where the user says so", func(t *testing.T) {
		// The control: there is no cargo.
		w.edit("MODULE.bazel", dep, dep+`
goweave = use_extension("@rules_go_weave//rules:extensions.bzl", "goweave")
goweave.tool(from_source = True)
`)
		if _, stderr, err := w.try("build", "@rules_go_weave//:goweave"); err == nil || !strings.Contains(stderr, "cannot find cargo and rustc on PATH") {
			t.Errorf("%v: %s", err, tail(stderr))
		}
	})
	t.Run("what is no release is refused", func(t *testing.T) {
		refused := func(want string) {
			t.Helper()
			to := filepath.Join(dir, "refused")
			if said, err := release(to); err == nil || !strings.Contains(said, want) {
				t.Errorf("%v, and no %q: %s", err, want, said)
			}
			if _, err := os.Stat(to); err == nil {
				t.Error("something is left of it")
			}
		}
		put(t, filepath.Join(checkout, "README.md"), "")
		refused("changes that are not committed")
		must(t, checkout, "git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qam", "Another")
		refused("the checkout is at")
		must(t, checkout, "git", "tag", "--delete", "v"+version)
		refused("there is no tag v" + version)
		put(t, filepath.Join(checkout, "CHANGELOG.md"), "# Changes\n")
		must(t, checkout, "git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qam", "Another")
		must(t, checkout, "git", "tag", "v"+version)
		refused("no heading `## " + version + "`")
	})
}

// tagged returns a checkout of its own, of what git knows here or would add, with a tag and a part of CHANGELOG.md for a version.
func tagged(t *testing.T, dir, version string) string {
	t.Helper()
	checkout := filepath.Join(dir, "checkout")
	must(t, repo(t), "sh", "-c", `mkdir "$1" && git ls-files -z --cached --others --exclude-standard | tar -c --null --ignore-failed-read -T - | tar -x -C "$1"`, "sh", checkout)
	changes := filepath.Join(checkout, "CHANGELOG.md")
	put(t, changes, strings.Replace(string(read(t, changes)), "## Unreleased\n", "## Unreleased\n\n## "+version+"\n\nWhat is new.\n\n## 0.0.1\n", 1))
	for _, command := range []string{"init -q", "add -A", "-c user.name=a -c user.email=a@b.c commit -qm Release", "tag v" + version} {
		must(t, checkout, "git", strings.Fields(command)...)
	}
	// Set-up keeps something for each checkout.
	key := strings.TrimSpace(must(t, dir, "sh", "-c", `printf %s "$1" | cksum | tr -d ' '`, "sh", checkout))
	t.Cleanup(func() { os.RemoveAll(filepath.Join(filepath.Dir(cacheDir(t, ".")), "checkouts", key)) })
	return checkout
}

// must runs a command in a directory and returns what it prints.
func must(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, errs.String())
	}
	return string(out)
}
