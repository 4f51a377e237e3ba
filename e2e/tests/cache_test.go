package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestActionsAreShared counts, by the execution log, which actions run when checkouts in different directories, with clean output
// bases, share a remote cache, one of them with a sandbox and one without: a woven build after another one's plain build, and after
// another one's woven build. It compares every output of that build with those of a cold one by another user, and of one by a remote
// executor.
func TestActionsAreShared(t *testing.T) {
	targets := []string{"//web:cmd", "//own/cmd", "//hello"}
	server := remote(t, "--execute")
	shared := []string{
		"--remote_executor=" + server,
		// rules_go's standard library is the one output directory of the build. The server, which asks the cache for each directory
		// in it, does not find one that Bazel uploads: it has to make it itself. The rest runs here, and is uploaded.
		"--strategy=GoStdlib=remote", "--strategy=GoStdlibList=remote",
	}
	a := fresh(t, "shared-a", append(shared, "--spawn_strategy=local")...)
	b := fresh(t, "shared-b", append(shared, "--spawn_strategy=sandboxed", "--remote_download_minimal")...)
	defer a.try("shutdown")
	defer b.try("shutdown")
	plainLog := a.logged(targets...)
	wovenLog := b.logged(append([]string{woven}, targets...)...)
	one := outputs(append(plainLog, wovenLog...))

	t.Run("woven after another checkout's plain", func(t *testing.T) {
		if n := runBy(plainLog, "local"); n < 20 {
			t.Errorf("the plain build ran %d actions without a sandbox: the cache was not empty", n)
		}
		closure := hookClosure(t, b)
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
		if n := runBy(wovenLog, "remote cache hit"); n < 20 {
			t.Errorf("the remote cache answered %d actions", n)
		}
		// Twice: for the programs, and for nogo, in the configuration for tools.
		if plain, woven := count(executed(plainLog), "GoStdlib "), count(executed(wovenLog), "GoStdlib "); plain != 2 || woven != 0 {
			t.Errorf("the standard library was built %d times plain and %d times woven", plain, woven)
		}
	})

	t.Run("no action of ours has an environment", func(t *testing.T) {
		ours, with := 0, 0
		for _, s := range wovenLog {
			switch {
			case !strings.HasPrefix(s.Mnemonic, "GoWeave"):
				with += len(s.EnvironmentVariables)
			case s.Mnemonic == "GoWeaveHelper" && len(s.EnvironmentVariables) == 1 && s.EnvironmentVariables[0].Name == "GOEXPERIMENT":
				// It runs the go command, which is told of the SDK's experiments.
			case len(s.EnvironmentVariables) > 0:
				t.Errorf("%s %s has %v", s.Mnemonic, s.TargetLabel, s.EnvironmentVariables)
			default:
				ours++
			}
		}
		if ours < 20 || with == 0 {
			t.Errorf("%d actions of ours, %d variables of others: not what was looked for", ours, with)
		}
	})

	const program = "bazel-bin/own/cmd/cmd_/cmd"
	t.Run("woven after another checkout's woven runs nothing", func(t *testing.T) {
		a.bazel("clean")
		minimal := append([]string{woven, "--remote_download_minimal"}, targets...)
		log := a.logged(minimal...)
		if ran := executed(log); len(ran) > 0 {
			t.Errorf("ran:%s", indent(ran))
		}
		if n := runBy(log, "remote cache hit"); n < 50 {
			t.Errorf("the remote cache answered %d actions", n)
		}
		if log = a.logged(minimal...); len(log) > 0 {
			t.Errorf("the build of nothing new asks for %d actions, the first for %s %s", len(log), log[0].Mnemonic, log[0].TargetLabel)
		}
		if _, err := os.Stat(a.file(program)); !os.IsNotExist(err) {
			t.Errorf("an output that nobody asked for was fetched: %v", err)
		}
		a.bazel("build", woven, "--remote_download_outputs=toplevel", "//own/cmd")
		_, stderr := run(t, 2, nil, a.file(program), "panic")
		if !strings.HasPrefix(stderr, "greet did not return\n") {
			t.Errorf("the hook did not run: %s", stderr)
		}
	})

	t.Run("without a sandbox, one after the other, the same is woven", func(t *testing.T) {
		log := a.logged(append([]string{woven, "--jobs=1", "--modify_execution_info=^GoWeave.*$=+no-cache"}, targets...)...)
		if ran := executed(log); len(ran) != count(ran, "GoWeave") || runBy(log, "local") != len(ran) || len(ran) < 20 {
			t.Errorf("ran:%s", indent(ran))
		}
		if same := compare(t, one, outputs(log), func(string) bool { return true }); same < 20 {
			t.Errorf("only %d outputs compared", same)
		}
	})

	t.Run("a changed hook is another program", func(t *testing.T) {
		// The control of running what was fetched, and of the comparisons of outputs.
		b.edit("weave/ownhooks/hooks.go", "greet did not return", "the greeting was lost")
		changed := b.logged(woven, "--remote_download_outputs=toplevel", "//own/cmd")
		_, stderr := run(t, 2, nil, b.file(program), "panic")
		if !strings.HasPrefix(stderr, "the greeting was lost\n") {
			t.Errorf("the changed hook did not run: %s", stderr)
		}
		if is := outputs(changed)["own/cmd/cmd_/cmd"]; len(is) != 1 || slices.Contains(one["own/cmd/cmd_/cmd"], is[0]) {
			t.Errorf("the changed program has the same bytes, or was not made: %v", is)
		}
	})

	t.Run("path mapping shares weave actions between configurations", func(t *testing.T) {
		weave := func(flags ...string) (ran, all []string) {
			log := b.logged(append(flags, reported, "--output_groups=weave_sources", "//own")...)
			for _, s := range log {
				all = append(all, s.Mnemonic+" "+s.TargetLabel)
			}
			return slices.DeleteFunc(executed(log), func(a string) bool { return !strings.HasPrefix(a, "GoWeave") }), all
		}
		const strip, own = "--experimental_output_paths=strip", "GoWeave //own:own"
		if ran, _ := weave(strip); !slices.Contains(ran, own) {
			t.Errorf("ran:%s", indent(ran))
		}
		if ran, all := weave(strip, "--compilation_mode=opt"); len(ran) > 0 || !slices.Contains(all, own) {
			t.Errorf("ran in another configuration:%s\nof:%s", indent(ran), indent(all))
		}
		// The control: without it, paths tell the configurations apart, and the cache does not answer.
		if ran, _ := weave("--compilation_mode=opt"); !slices.Contains(ran, own) {
			t.Errorf("ran without path mapping:%s", indent(ran))
		}
	})

	t.Run("runfiles need no links", func(t *testing.T) {
		a.bazel("test", woven, "--nobuild_runfile_links", "//web:web_test")
	})

	// Everything is made again but what rules_go makes whether woven or not, and the first build had an executor make: the plain
	// standard library, and rules_go's own tools, which come out otherwise where an executor runs the go command.
	plainStd := []string{"--modify_execution_info=^(?!GoStdlib|GoToolchainBinaryBuild).*$=+no-cache"}
	t.Run("another user's checkout makes the same bytes", func(t *testing.T) {
		c := fresh(t, "shared-c", append(plainStd, "--remote_cache="+server, "--sandbox_fake_username", "--sandbox_fake_hostname",
			"--sandbox_default_allow_network=false", "--incompatible_strict_action_env", "--remote_download_minimal")...)
		defer c.try("shutdown")
		c.elsewhere()
		log := c.logged(append([]string{woven}, targets...)...)
		if n, all := runBy(log, "linux-sandbox"), len(executed(log)); n != all || n < 50 || count(executed(log), "GoStdlib") > 0 {
			t.Errorf("%d of %d actions ran in the sandbox:%s", n, all, indent(executed(log)))
		}
		if same := compare(t, one, outputs(log), func(string) bool { return true }); same < 50 {
			t.Errorf("only %d outputs compared", same)
		}
	})

	t.Run("a remote executor weaves and builds the same", func(t *testing.T) {
		d := fresh(t, "shared-d", append(plainStd, "--remote_executor="+server, "--spawn_strategy=remote", "--remote_download_minimal",
			"--sandbox_default_allow_network=false", "--incompatible_strict_action_env")...)
		defer d.try("shutdown")
		log := d.logged(append([]string{woven}, targets...)...)
		if n, all := runBy(log, "remote"), len(executed(log)); n != all || n < 50 || count(executed(log), "GoStdlib") > 0 {
			t.Errorf("the remote executor ran %d of %d actions:%s", n, all, indent(executed(log)))
		}
		if same := compare(t, one, outputs(log), func(string) bool { return true }); same < 50 {
			t.Errorf("only %d outputs compared", same)
		}
	})
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

// elsewhere has a workspace's Bazel run for another user, in another time zone, with another umask.
func (w *workspace) elsewhere() {
	w.t.Helper()
	w.try("shutdown")
	home := w.t.(*testing.T).TempDir()
	var paths []string
	for _, name := range []string{"GOMODCACHE", "GOCACHE", "GOPATH", "GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOINSECURE"} {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			w.t.Fatal(err)
		}
		paths = append(paths, name+"="+strings.TrimSpace(string(out)))
	}
	// What a machine needs to have its tools stays where it is.
	for name, default_ := range map[string]string{"CARGO_HOME": ".cargo", "RUSTUP_HOME": ".rustup", "RULES_GO_WEAVE_CACHE": ".cache/rules_go_weave"} {
		value := os.Getenv(name)
		if value == "" {
			value = filepath.Join(os.Getenv("HOME"), default_)
		}
		paths = append(paths, name+"="+value)
	}
	w.env = append(paths, "HOME="+home, "USER=somebody", "LOGNAME=somebody", "TZ=Asia/Kolkata", "LC_ALL=C")
	w.umask = "077"
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
