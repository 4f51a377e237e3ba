package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCheckoutElsewhere uses a checkout that Bazel's sandbox hides, below /tmp, that nobody may write to, with spaces in its path,
// by a symbolic link to its ./dev, from a workspace in another place. Files of the checkout that no action of a cache
// has read are among the inputs, since only those are missed.
func TestCheckoutElsewhere(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "rules go weave ")
	if err != nil {
		t.Fatal(err)
	}
	checkout := filepath.Join(dir, "checkout")
	t.Cleanup(func() {
		for _, command := range [][]string{{"chmod", "-R", "u+w", dir}, {"rm", "-rf", dir}} {
			if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
				t.Errorf("%v: %v\n%s", command, err, out)
			}
		}
	})
	files, err := exec.Command("git", "-C", repo(t), "ls-files", "-z", "--", ":!e2e", ":!bench").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range strings.Split(strings.TrimSuffix(string(files), "\x00"), "\x00") {
		info, err := os.Stat(filepath.Join(repo(t), name))
		if err != nil {
			t.Fatal(err)
		}
		data := read(t, filepath.Join(repo(t), name))
		switch name {
		case "runtime/enabled.go":
			data = append(data, "\n// Of a checkout of its own.\n"...)
		case "instrumentation/net_http/weave.yaml":
			data = append(data, "\n# Of a checkout of its own.\n"...)
		}
		to := filepath.Join(checkout, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, data, info.Mode().Perm()); err != nil {
			t.Fatal(err)
		}
	}
	// The weaver is that of this checkout: a build of it by cargo takes minutes.
	shapes := open(t, "shapes")
	shapes.bazel("build", "@goweave_tool//:goweave")
	weaver := checkoutDir(t, "weaver")
	from := filepath.Join(strings.TrimSpace(shapes.bazel("info", "output_base")), "external/rules_go_weave~~goweave~goweave_tool")
	for _, name := range []string{"BUILD.bazel", "goweave"} {
		put(t, filepath.Join(weaver, name), string(read(t, filepath.Join(from, name))))
		if err := os.Chmod(filepath.Join(weaver, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	put(t, filepath.Join(weaver, "REPO.bazel"), "")
	link := filepath.Join(dir, "link")
	if err := os.Symlink("checkout", link); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("chmod", "-R", "a-w", checkout).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	w := copyOf(t, "shapes", "elsewhere")
	w.checkout = link
	// Set-up keeps something for each checkout.
	out, err := exec.Command("sh", "-c", `printf %s "$1" | cksum | tr -d ' '`, "sh", checkout).Output()
	if err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(filepath.Dir(cacheDir(t, ".")), "checkouts", strings.TrimSpace(string(out)))
	t.Cleanup(func() {
		w.checkout = ""
		os.RemoveAll(kept)
	})
	w.args = append(w.args, "--override_repository=rules_go_weave~~goweave~goweave_tool="+weaver)
	w.bazel("build", woven, "//web")
	c := collect(t)
	if out, errs := run(t, 0, c.env("web"), w.file("bazel-bin/web/web_/web")); out != "200 hello you: nothing is prepared <nil>\n" || errs != "" {
		t.Errorf("prints %q and %q", out, errs)
	}
	wantTree(t, c, "GET", "GET /hello/{name}", "DELETE greetings")
}
