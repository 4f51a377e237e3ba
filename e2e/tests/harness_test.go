// Package e2e builds and runs whole Bazel workspaces, plain and woven, with the Bazel that ./dev finds or sets up.
//
// The workspaces keep their output bases between runs of single tests; a run of all tests removes them at its end, for they are gigabytes
// that the disk cache makes again in minutes. A test that counts actions makes fresh ones and a disk cache of its own.
package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// repo returns the root of the checkout.
func repo(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// cacheDir returns a directory that survives the test run, for what is costly to make again.
func cacheDir(t testing.TB, name string) string {
	t.Helper()
	root, err := cacheRoot()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// cacheRoot returns the directory that has all of these.
func cacheRoot() (string, error) {
	base, err := os.UserCacheDir()
	return filepath.Join(base, "rules_go_weave", "e2e"), err
}

// checkoutName is the name of a checkout's directory there.
func checkoutName(checkout string) string { return digest([]byte(checkout))[:12] }

// checkoutDir is a cacheDir of this checkout's own: an output base remembers the paths of the module that its workspace overrides.
// Its parent says in the file "checkout" whose it is.
func checkoutDir(t testing.TB, name string) string {
	t.Helper()
	checkout := repo(t)
	own := cacheDir(t, checkoutName(checkout))
	if err := os.WriteFile(filepath.Join(own, checkoutFile), []byte(checkout), 0o644); err != nil {
		t.Fatal(err)
	}
	return cacheDir(t, filepath.Join(filepath.Base(own), name))
}

const checkoutFile = "checkout"

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := cacheRoot()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	removeAbandoned(dir)
	code := m.Run()
	if flag.Lookup("test.run").Value.String() == "" {
		for _, w := range servers {
			_, _, _ = w.command("shutdown")
		}
		checkout, err := filepath.Abs("../..")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		removeTree(filepath.Join(dir, checkoutName(checkout)))
	}
	os.Exit(code)
}

// removeAbandoned removes what checkouts that are gone have left in dir.
func removeAbandoned(dir string) {
	left, _ := filepath.Glob(filepath.Join(dir, "*", checkoutFile))
	for _, file := range left {
		checkout, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if _, err := os.Stat(string(checkout)); errors.Is(err, fs.ErrNotExist) {
			removeTree(filepath.Dir(file))
		}
	}
}

// removeTree removes a tree that has directories which nobody may write, as Bazel makes its outputs.
func removeTree(dir string) {
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			_ = os.Chmod(path, 0o755)
		}
		return nil
	})
	if err := os.RemoveAll(dir); err != nil {
		fmt.Fprintf(os.Stderr, "%s is left: %v\n", dir, err)
	}
}

func TestRemovesWhatGoneCheckoutsLeft(t *testing.T) {
	dir := t.TempDir()
	for name, checkout := range map[string]string{"gone": filepath.Join(dir, "nowhere"), "here": repo(t)} {
		if err := os.MkdirAll(filepath.Join(dir, name, "bases", "outputs"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, checkoutFile), []byte(checkout), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name, "bases", "outputs", "a"), nil, 0o444); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(filepath.Join(dir, name, "bases", "outputs"), 0o555); err != nil {
			t.Fatal(err)
		}
	}
	removeAbandoned(dir)
	if _, err := os.Stat(filepath.Join(dir, "gone")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what a checkout that is gone has left is still there: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "here", "bases", "outputs", "a")); err != nil {
		t.Errorf("what a checkout that is there keeps is gone: %v", err)
	}
	removeTree(filepath.Join(dir, "here"))
}

// workspace is a Bazel workspace and how to call Bazel in it.
type workspace struct {
	t        testing.TB
	dir      string
	checkout string   // whose ./dev is run; "" for this one
	base     string   // output base; "" for the default one
	args     []string // for every command that builds

	env   []string // for Bazel, beside that of the test
	umask string   // likewise; "" for that of the test
}

// open returns a workspace of the repository, built where it is.
func open(t testing.TB, name string) *workspace {
	t.Helper()
	return &workspace{t: t, dir: filepath.Join(repo(t), "e2e", name), base: filepath.Join(checkoutDir(t, "bases"), name), args: sharedArgs(t)}
}

// copyOf returns a copy of a workspace of the repository in a directory of its own, with an output base of its own.
func copyOf(t testing.TB, name, as string) *workspace {
	t.Helper()
	dir := filepath.Join(checkoutDir(t, "copies"), as, name)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	src := filepath.Join(repo(t), "e2e", name)
	err := filepath.WalkDir(src, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(src, path)
		if err != nil {
			return err
		}
		if d.Type()&fs.ModeSymlink != 0 {
			return nil // bazel-* convenience links
		}
		to := filepath.Join(dir, rel)
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return os.WriteFile(to, data, info.Mode().Perm())
	})
	if err != nil {
		t.Fatal(err)
	}
	w := &workspace{t: t, dir: dir, base: filepath.Join(checkoutDir(t, "bases"), as+"-"+name), args: sharedArgs(t)}
	// An output base is gigabytes, and nobody comes back to that of a copy.
	t.Cleanup(func() {
		servers = slices.DeleteFunc(servers, func(o *workspace) bool { return o.dir == w.dir })
		// What the test set for Bazel may be gone.
		w.env, w.umask = nil, ""
		if _, stderr, err := w.command("clean", "--expunge"); err != nil {
			t.Errorf("%v\n%s", err, tail(stderr))
		}
		os.RemoveAll(filepath.Dir(dir))
	})
	return w
}

// servers are the workspaces whose Bazel servers may still run, the one that was used last at the end. A server takes a gigabyte or two of
// memory, so there are never more than a few of them.
var servers []*workspace

const mostServers = 3

// serve notes that a command of the workspace follows, and ends the server that was longest unused where there would be too many.
func (w *workspace) serve() {
	same := func(o *workspace) bool { return o.dir == w.dir && o.base == w.base }
	servers = append(slices.DeleteFunc(servers, same), w)
	for len(servers) > mostServers {
		var oldest *workspace
		oldest, servers = servers[0], servers[1:]
		// Its test may be over.
		_, _, _ = oldest.command("shutdown")
	}
}

// sharedArgs are flags of every build: actions whose results do not depend on the workspace (the standard library above all)
// are taken from one disk cache, and no lock file is written into the checkout. Every output is fetched from the cache: tests read
// outputs that an earlier build of the same output base may have left there because nobody had asked for them.
func sharedArgs(t testing.TB) []string {
	return []string{
		"--disk_cache=" + cacheDir(t, "disk"),
		"--experimental_disk_cache_gc_max_size=8G",
		"--remote_download_outputs=all",
		"--lockfile_mode=off",
		"--color=no",
		"--curses=no",
		"--noshow_progress",
	}
}

// bazel runs a command that must succeed and returns its stdout.
func (w *workspace) bazel(command string, args ...string) string {
	w.t.Helper()
	stdout, stderr, err := w.try(command, args...)
	if err != nil {
		w.t.Fatalf("bazel %s %s: %v\n%s", command, strings.Join(args, " "), err, tail(stderr))
	}
	return stdout
}

// try runs a command.
func (w *workspace) try(command string, args ...string) (stdout, stderr string, err error) {
	w.t.Helper()
	w.serve()
	return w.command(command, args...)
}

// command runs a command, whether or not the test is over.
func (w *workspace) command(command string, args ...string) (stdout, stderr string, err error) {
	var line []string
	if w.base != "" {
		line = append(line, "--output_base="+w.base)
	}
	line = append(line, "--max_idle_secs=120", "--host_jvm_args=-Xmx3g", command)
	if command != "shutdown" && command != "clean" && command != "info" {
		line = append(line, w.args...)
	}
	line = append(line, args...)
	checkout := w.checkout
	if checkout == "" {
		checkout = repo(w.t)
	}
	cmd := exec.Command(filepath.Join(checkout, "dev"), append([]string{"bazel"}, line...)...)
	if w.umask != "" {
		cmd = exec.Command("sh", append([]string{"-c", "umask " + w.umask + ` && exec "$@"`, "sh"}, cmd.Args...)...)
	}
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), w.env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// file returns the path of an output, given as bazel-bin/... .
func (w *workspace) file(path string) string {
	return filepath.Join(w.dir, path)
}

// keep copies the executables of built targets away and returns the copies by label. The flags are those of the build: they
// decide in which output directory each executable is.
func (w *workspace) keep(labels []string, flags ...string) map[string]string {
	w.t.Helper()
	args := append(flags, "--output=starlark", "--starlark:expr='{} {}'.format(target.label, target.files_to_run.executable.path)",
		strings.Join(labels, " + "))
	kept := map[string]string{}
	dir := w.t.(*testing.T).TempDir()
	for i, line := range strings.Split(strings.TrimSpace(w.bazel("cquery", args...)), "\n") {
		label, path, ok := strings.Cut(line, " ")
		if !ok {
			w.t.Fatalf("cquery prints %q", line)
		}
		to := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(to, w.read(path), 0o755); err != nil {
			w.t.Fatal(err)
		}
		label = strings.TrimLeft(label, "@")
		pkg, name, _ := strings.Cut(label, ":")
		if filepath.Base(pkg) == name {
			label = pkg
		}
		kept[label] = to
	}
	for _, label := range labels {
		if kept[label] == "" {
			w.t.Fatalf("no executable of %s: %v", label, kept)
		}
	}
	return kept
}

// read returns the bytes of an output.
func (w *workspace) read(path string) []byte {
	w.t.Helper()
	data, err := os.ReadFile(w.file(path))
	if err != nil {
		w.t.Fatal(err)
	}
	return data
}

// edit replaces text in a source file of a copied workspace; the text must be there.
func (w *workspace) edit(path, old, new string) {
	w.t.Helper()
	name := filepath.Join(w.dir, path)
	data, err := os.ReadFile(name)
	if err != nil {
		w.t.Fatal(err)
	}
	if !bytes.Contains(data, []byte(old)) {
		w.t.Fatalf("%s does not contain %q", path, old)
	}
	if err := os.WriteFile(name, bytes.Replace(data, []byte(old), []byte(new), 1), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// run runs a program with extra environment and returns what it prints. It must exit with the given code.
func run(t testing.TB, code int, env []string, program string, args ...string) (stdout, stderr string) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), env...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		t.Fatal(err)
	}
	if got != code {
		t.Fatalf("%s %s exits with %d, not %d\nstdout: %s\nstderr: %s", program, strings.Join(args, " "), got, code, out.String(), errs.String())
	}
	return out.String(), errs.String()
}

// spawn is one action of Bazel's execution log (--execution_log_json_file).
type spawn struct {
	Mnemonic      string   `json:"mnemonic"`
	TargetLabel   string   `json:"targetLabel"`
	CacheHit      bool     `json:"cacheHit"`
	Runner        string   `json:"runner"`
	ListedOutputs []string `json:"listedOutputs"`

	EnvironmentVariables []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"environmentVariables"`
	ActualOutputs []struct {
		Path   string `json:"path"`
		Digest struct {
			Hash string `json:"hash"`
		} `json:"digest"`
	} `json:"actualOutputs"`
}

// logged runs a build and returns its actions.
func (w *workspace) logged(args ...string) []spawn {
	w.t.Helper()
	log := filepath.Join(w.t.(*testing.T).TempDir(), "exec.json")
	w.bazel("build", append([]string{"--execution_log_json_file=" + log}, args...)...)
	f, err := os.Open(log)
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	var spawns []spawn
	dec := json.NewDecoder(f)
	for {
		var s spawn
		if err := dec.Decode(&s); errors.Is(err, io.EOF) {
			return spawns
		} else if err != nil {
			w.t.Fatal(err)
		}
		spawns = append(spawns, s)
	}
}

// executed lists "mnemonic label" of the actions that ran, that is, that no cache answered. Sorted.
func executed(spawns []spawn) []string {
	var ran []string
	for _, s := range spawns {
		if !s.CacheHit {
			ran = append(ran, s.Mnemonic+" "+s.TargetLabel)
		}
	}
	sort.Strings(ran)
	return ran
}

// action is one action of the graph that Bazel's analysis makes, whether it is ever run or not.
type action struct {
	Mnemonic string
	Label    string
	Key      string // Bazel's digest of what the action does (arguments, environment, requirements), its inputs left out
	Inputs   string // digest of its inputs' paths
	Outputs  string // digest of its outputs' paths
}

// actions asks Bazel for the actions of a query expression (aquery), by their first output's path.
func (w *workspace) actions(expression string, args ...string) map[string]action {
	w.t.Helper()
	// The message ActionGraphContainer of Bazel's src/main/protobuf/analysis_v2.proto.
	var graph struct {
		Artifacts []struct {
			ID, PathFragmentID int
		}
		Actions []struct {
			TargetID, PrimaryOutputID int
			ActionKey, Mnemonic       string
			OutputIDs, InputDepSetIDs []int
		}
		DepSetOfFiles []struct {
			ID                                     int
			DirectArtifactIDs, TransitiveDepSetIDs []int
		}
		Targets []struct {
			ID    int
			Label string
		}
		PathFragments []struct {
			ID, ParentID int
			Label        string
		}
	}
	out := w.bazel("aquery", append(args, "--output=jsonproto", "--include_commandline=false", expression)...)
	if err := json.Unmarshal([]byte(out), &graph); err != nil {
		w.t.Fatal(err)
	}
	labels, paths, artifacts := map[int]string{}, map[int]string{}, map[int]string{}
	for _, t := range graph.Targets {
		labels[t.ID] = t.Label
	}
	// A fragment stands after its parent.
	for _, f := range graph.PathFragments {
		paths[f.ID] = path.Join(paths[f.ParentID], f.Label)
	}
	for _, a := range graph.Artifacts {
		artifacts[a.ID] = paths[a.PathFragmentID]
	}
	type set struct{ direct, transitive []int }
	sets := map[int]set{}
	for _, s := range graph.DepSetOfFiles {
		sets[s.ID] = set{s.DirectArtifactIDs, s.TransitiveDepSetIDs}
	}
	of := func(ids []int) string {
		var names []string
		for _, id := range ids {
			names = append(names, artifacts[id])
		}
		slices.Sort(names)
		return digest([]byte(strings.Join(slices.Compact(names), "\n")))
	}
	inputs := map[string]string{}
	found := map[string]action{}
	for _, a := range graph.Actions {
		// Many actions have the same sets.
		key := fmt.Sprint(a.InputDepSetIDs)
		if inputs[key] == "" {
			var direct []int
			seen := map[int]bool{}
			for todo := slices.Clone(a.InputDepSetIDs); len(todo) > 0; {
				id := todo[len(todo)-1]
				todo = todo[:len(todo)-1]
				if !seen[id] {
					seen[id] = true
					direct = append(direct, sets[id].direct...)
					todo = append(todo, sets[id].transitive...)
				}
			}
			inputs[key] = of(direct)
		}
		found[artifacts[a.PrimaryOutputID]] = action{a.Mnemonic, labels[a.TargetID], a.ActionKey, inputs[key], of(a.OutputIDs)}
	}
	return found
}

// digest is the SHA-256 of a file's bytes.
func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// tail keeps the end of a long text.
func tail(s string) string {
	const most = 6000
	if len(s) <= most {
		return s
	}
	return "…" + s[len(s)-most:]
}

// indent is for messages with many lines.
func indent(lines []string) string {
	return fmt.Sprintf("\n  %s", strings.Join(lines, "\n  "))
}
