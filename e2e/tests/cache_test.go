package e2e

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestActionsAreShared counts, by the execution log, which actions run when a woven build follows a plain one on the same cache,
// when another checkout follows, and when a hook's text changes. It also compares every output of two woven builds
// that shared nothing, and has a remote executor build and weave.
func TestActionsAreShared(t *testing.T) {
	targets := []string{"//web:cmd", "//own/cmd", "//hello"}
	cache := "--disk_cache=" + t.TempDir()
	a := fresh(t, "shared-a", cache)
	plainLog := a.logged(targets...)
	wovenLog := a.logged(append([]string{woven}, targets...)...)

	t.Run("woven after plain", func(t *testing.T) {
		if n := len(executed(plainLog)); n < 20 {
			t.Errorf("the plain build ran %d actions: the cache was not empty", n)
		}
		closure := hookClosure(t, a)
		var hooks, other []string
		for _, action := range executed(wovenLog) {
			mnemonic, label, _ := strings.Cut(action, " ")
			switch {
			case strings.HasPrefix(mnemonic, "GoWeave"):
			case slices.Contains(closure, label):
				hooks = append(hooks, action)
			case slices.Contains([]string{
				"GoCompilePkg @@rules_go_weave~//rules/toolchain:std", // woven packages of the standard library
				// The packages that a rule matches.
				"GoCompilePkg //own:own", "GoCompilePkg //own/tiny:tiny",
				"GoCompilePkg @@gazelle~~go_deps~com_github_cespare_xxhash_v2//:xxhash",
				// Its dependencies' export data changed with the inlined functions.
				"RunNogo //own/cmd:cmd",
				"GoCompilePkg //web:cmd", "GoLink //web:cmd", // mains
				"GoCompilePkg //own/cmd:cmd", "GoLink //own/cmd:cmd",
				"GoCompilePkg //hello:hello", "GoLink //hello:hello",
			}, action):
			default:
				other = append(other, action)
			}
		}
		if len(other) > 0 {
			t.Errorf("these need not have run:%s", indent(other))
		}
		if !slices.Contains(executed(wovenLog), "GoCompilePkg //own:own") || len(hooks) == 0 {
			t.Errorf("the woven package or the hooks were not compiled: the count shows nothing:%s", indent(executed(wovenLog)))
		}
		// Twice: for the programs, and for nogo, in the configuration for tools.
		if plain, woven := count(executed(plainLog), "GoStdlib "), count(executed(wovenLog), "GoStdlib "); plain != 2 || woven != 0 {
			t.Errorf("the standard library was built %d times plain and %d times woven", plain, woven)
		}
	})

	t.Run("another checkout on the same cache runs nothing", func(t *testing.T) {
		b := fresh(t, "shared-b", cache)
		defer b.try("shutdown")
		if ran := executed(b.logged(append([]string{woven}, targets...)...)); len(ran) > 0 {
			t.Errorf("ran:%s", indent(ran))
		}
	})

	t.Run("another checkout without a cache makes the same bytes", func(t *testing.T) {
		c := fresh(t, "shared-c", "--disk_cache="+t.TempDir())
		defer c.try("shutdown")
		one, two := outputs(append(plainLog, wovenLog...)), outputs(c.logged(append([]string{woven}, targets...)...))
		same := compare(t, one, two, func(string) bool { return true })
		if same < 50 {
			t.Errorf("only %d outputs compared", same)
		}
	})

	t.Run("a remote executor builds it all, and weaves the same", func(t *testing.T) {
		d := fresh(t, "shared-d", "--remote_executor="+remote(t, "--execute"), "--spawn_strategy=remote",
			"--sandbox_default_allow_network=false", "--incompatible_strict_action_env")
		defer d.try("shutdown")
		log := d.logged(woven, "//own/cmd")
		if n, all := runBy(log, "remote"), len(executed(log)); n != all || n < 50 {
			t.Errorf("the remote executor ran %d of %d actions", n, all)
		}
		same := compare(t, outputs(wovenLog), outputs(log), func(path string) bool { return strings.Contains(path, "_weave/") })
		if same < 10 {
			t.Errorf("only %d woven files compared", same)
		}
	})

	t.Run("a hook's text", func(t *testing.T) {
		a.edit("weave/ownhooks/hooks.go", "greet did not return", "the greeting was lost")
		changed := a.logged(append([]string{woven}, targets...)...)
		for _, action := range executed(changed) {
			mnemonic, label, _ := strings.Cut(action, " ")
			ok := label == "//weave/ownhooks:ownhooks" ||
				slices.Contains([]string{"GoWeaveRules //weave:own", "GoWeaveRules //weave:shelf", "GoWeaveRules //kinds:kinds"}, action) ||
				slices.Contains([]string{"//web:cmd", "//own/cmd:cmd", "//hello:hello"}, label) && mnemonic != "GoWeave"
			if !ok {
				t.Errorf("ran %s", action)
			}
		}
		if !slices.Contains(executed(changed), "GoLink //own/cmd:cmd") {
			t.Errorf("the program was not linked again:%s", indent(executed(changed)))
		}
		_, stderr := run(t, 2, nil, a.file("bazel-bin/own/cmd/cmd_/cmd"), "panic")
		if !strings.HasPrefix(stderr, "the greeting was lost\n") {
			t.Errorf("the changed hook did not run: %s", stderr)
		}
		// The control of the comparison of outputs above.
		if one, two := outputs(wovenLog), outputs(changed); slices.Equal(one["own/cmd/cmd_/cmd"], two["own/cmd/cmd_/cmd"]) {
			t.Error("the changed program has the same bytes")
		}
	})

	t.Run("a comment of a rule", func(t *testing.T) {
		// One that moves every rule to other lines, too.
		a.edit("weave/own.yaml", "weave: 1", "# It greets\n# louder.\nweave: 1")
		if ran := executed(a.logged(append([]string{woven}, targets...)...)); !slices.Equal(ran, []string{"GoWeaveRules //weave:own"}) {
			t.Errorf("ran:%s", indent(ran))
		}
	})

	t.Run("a rule", func(t *testing.T) {
		// The control: it runs the weave action of the one package that the rule is for.
		a.edit("weave/own.yaml", "replace: [n]", "replace: [n]\n        arguments: [n + 0]")
		ran := executed(a.logged(append([]string{woven}, targets...)...))
		var weave []string
		for _, action := range ran {
			if strings.HasPrefix(action, "GoWeave ") {
				weave = append(weave, action)
			}
		}
		if !slices.Equal(weave, []string{"GoWeave //own/tiny:tiny"}) {
			t.Errorf("ran:%s", indent(ran))
		}
	})
	a.try("shutdown")
}

// fresh returns a copy of e2e/zoo with an empty output base and, in place of the disk cache, these flags.
func fresh(t *testing.T, as string, flags ...string) *workspace {
	t.Helper()
	w := copyOf(t, "zoo", as)
	w.try("clean", "--expunge")
	w.args = slices.DeleteFunc(w.args, func(a string) bool { return strings.HasPrefix(a, "--disk_cache=") })
	w.args = append(w.args, flags...)
	return w
}

// remote starts a server of the Remote Execution API that ends with the test, and returns its address.
func remote(t *testing.T, flags ...string) string {
	t.Helper()
	script := filepath.Join(repo(t), "dev.d/remote.sh")
	dir := filepath.Join(t.TempDir(), "remote")
	if out, err := exec.Command(script, "install").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	start := exec.Command(script, append([]string{"start", dir}, flags...)...)
	var errs strings.Builder
	start.Stderr = &errs
	out, err := start.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, errs.String())
	}
	t.Cleanup(func() {
		if out, err := exec.Command(script, "stop", dir).CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
	})
	return strings.TrimSpace(string(out))
}

// runBy is how many of the actions a runner ran, or answered.
func runBy(spawns []spawn, runner string) int {
	n := 0
	for _, s := range spawns {
		if s.Runner == runner {
			n++
		}
	}
	return n
}

// hookClosure lists the labels of the packages that hook libraries consist of.
func hookClosure(t *testing.T, w *workspace) []string {
	t.Helper()
	out := w.bazel("cquery", "--config=weave", "--@rules_go_weave//:weave=base", "--output=label", "--consistent_labels",
		`kind("go_library rule", deps(@rules_go_weave//:instrumentations + @rules_go_weave//runtime))`)
	var labels []string
	for _, line := range strings.Split(out, "\n") {
		if label, _, ok := strings.Cut(line, " "); ok {
			// The execution log leaves out the name of the main repository.
			labels = append(labels, strings.Replace(label, "@@//", "//", 1))
		}
	}
	if len(labels) < 3 {
		t.Fatalf("hook libraries not found: %s", out)
	}
	return labels
}

// outputs maps the path of each output, below its configuration's directory, to the digests that it has in the configurations.
func outputs(spawns []spawn) map[string][]string {
	paths := map[string][]string{}
	for _, s := range spawns {
		for _, o := range s.ActualOutputs {
			if _, path, ok := strings.Cut(o.Path, "/bin/"); ok && !slices.Contains(paths[path], o.Digest.Hash) {
				paths[path] = append(paths[path], o.Digest.Hash)
			}
		}
	}
	return paths
}

// compare reports the outputs in two that one has not, or with other bytes, and returns how many are the same; only paths that are
// chosen count.
func compare(t *testing.T, one, two map[string][]string, chosen func(path string) bool) int {
	t.Helper()
	same := 0
	for path, hashes := range two {
		if !chosen(path) {
			continue
		}
		for _, hash := range hashes {
			if one[path] == nil {
				t.Errorf("%s was made only there", path)
			} else if !slices.Contains(one[path], hash) {
				t.Errorf("%s differs", path)
			} else {
				same++
			}
		}
	}
	return same
}

// count is how many of the actions start with a prefix.
func count(actions []string, prefix string) int {
	n := 0
	for _, a := range actions {
		if strings.HasPrefix(a, prefix) {
			n++
		}
	}
	return n
}
