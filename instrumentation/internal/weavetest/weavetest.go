// Package weavetest weaves the standard library with goweave and builds programs with it by plain `go build -overlay`,
// so that the hooks can be tested on real programs without Bazel.
package weavetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// module is the path of our Go module.
const module = "github.com/rules-go-weave/rules_go_weave"

// Instrumentation is a folder of instrumentation/ and the packages that its rules are for.
type Instrumentation struct {
	Folder   string
	Packages []string
	Modules  []string // those of the packages; none for packages of the standard library
	Support  bool     // applies where another one does
	Foreign  []string // packages that there are rules for, too, and that the zoo does not use
}

// All are the instrumentations.
var All = []Instrumentation{
	{Folder: "net_http", Packages: []string{"net/http", "net/http/cgi", "net/http/fcgi"},
		Foreign: []string{
			"github.com/quic-go/quic-go/http3", "github.com/riandyrn/otelchi",
			"go.opentelemetry.io/contrib/instrumentation/github.com/emicklei/go-restful/otelrestful",
			"go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin",
			"go.opentelemetry.io/contrib/instrumentation/github.com/gorilla/mux/otelmux",
			"go.opentelemetry.io/contrib/instrumentation/github.com/labstack/echo/otelecho",
			"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", "golang.org/x/net/http2",
		}},
	{Folder: "database_sql", Packages: []string{"database/sql"}},
	{Folder: "log_slog", Packages: []string{"log/slog"}},
	{Folder: "log", Packages: []string{"log"}, Support: true},
	{Folder: "go_runtime", Packages: []string{"runtime"}, Support: true},
	{Folder: "otel_trace", Packages: []string{"go.opentelemetry.io/otel/sdk/trace", "go.opentelemetry.io/otel/trace"},
		Modules: []string{"go.opentelemetry.io/otel/sdk", "go.opentelemetry.io/otel/trace"}},
}

// Weaver weaves for one Go release.
type Weaver struct {
	Goweave string // the binary
	Go      string // the go command
	Goroot  string
	Version string // "1.26.8"
	Root    string // of the repository
	Dir     string // where woven files go
	Race    bool   // build with the race detector, and so with cgo; else without, where Go finds deadlocks
	GOOS    string // the system and
	GOARCH  string // architecture of what is built, at first those of the tests
	modfile string // replaces third-party modules by their woven copies; "" before Overlay
}

// Find finds the goweave binary: $GOWEAVE, PATH, or what cargo built.
func Find(root string) (string, error) {
	if p := os.Getenv("GOWEAVE"); p != "" {
		return p, nil
	}
	if p, err := exec.LookPath("goweave"); err == nil {
		return p, nil
	}
	for _, dir := range []string{os.Getenv("CARGO_TARGET_DIR"), filepath.Join(root, "target")} {
		for _, kind := range []string{"release", "debug"} {
			p := filepath.Join(dir, kind, "goweave")
			if _, err := os.Stat(p); dir != "" && err == nil {
				return p, nil
			}
		}
	}
	return "", errors.New("no goweave binary\nhelp: run `cargo build --release -p goweave`, or set GOWEAVE")
}

// Root is the repository's folder.
func Root() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "../../..")
}

// New returns a weaver for the toolchain named by toolchain ("go1.27.3"), or for the go command's own if it is empty.
func New(dir, toolchain string) (*Weaver, error) {
	w := &Weaver{Root: Root(), Dir: dir, Go: "go", GOOS: runtime.GOOS, GOARCH: runtime.GOARCH}
	var err error
	if w.Goweave, err = Find(w.Root); err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "env", "GOROOT", "GOVERSION")
	// Outside of the module, whose go.mod might ask for another toolchain.
	cmd.Dir = dir
	cmd.Env = os.Environ()
	if toolchain != "" {
		cmd.Env = append(cmd.Env, "GOTOOLCHAIN="+toolchain)
	}
	out, err := output(cmd)
	if err != nil {
		return nil, err
	}
	lines := strings.Fields(out)
	w.Goroot, w.Version = lines[0], strings.TrimPrefix(lines[1], "go")
	// The go command takes no overlay of what lies below GOMODCACHE, where downloaded toolchains are, so it is given another name.
	link := filepath.Join(dir, "goroot")
	if err := os.Symlink(w.Goroot, link); err != nil {
		return nil, err
	}
	w.Goroot, w.Go = link, filepath.Join(link, "bin", "go")
	return w, nil
}

// Env is the environment of the go command.
func (w *Weaver) Env(extra ...string) []string {
	cgo := "0"
	if w.Race {
		cgo = "1"
	}
	return append(append(os.Environ(), "GOTOOLCHAIN=local", "GOROOT="+w.Goroot, "GOFLAGS=-mod=mod -buildvcs=false", "CGO_ENABLED="+cgo,
		"GOOS="+w.GOOS, "GOARCH="+w.GOARCH), extra...)
}

// Files lists the Go files of a std package that are compiled, in their order.
func (w *Weaver) Files(pkg string, flags ...string) ([]string, error) {
	cmd := exec.Command(w.Go, append(append([]string{"list"}, flags...), "-f", `{{range .GoFiles}}{{$.Dir}}/{{.}}
{{end}}{{range .CgoFiles}}{{$.Dir}}/{{.}}
{{end}}`, pkg)...)
	cmd.Env, cmd.Dir = w.Env(), w.Dir
	out, err := output(cmd)
	return strings.Fields(out), err
}

// Weave weaves one std package and returns the folder of the woven files.
func (w *Weaver) Weave(in Instrumentation, pkg string) (string, []string, error) {
	files, err := w.Files(pkg)
	if err != nil {
		return "", nil, err
	}
	dir := filepath.Join(w.Dir, "woven", filepath.FromSlash(pkg))
	if err := w.weave(in, pkg, dir, files, "--std"); err != nil {
		return "", nil, err
	}
	// The go command wants vendored imports as they are in the sources.
	for _, f := range files {
		f = filepath.Join(dir, filepath.Base(f))
		text, err := os.ReadFile(f)
		if err != nil {
			return "", nil, err
		}
		if err := os.WriteFile(f, bytes.ReplaceAll(text, []byte(`"vendor/`), []byte(`"`)), 0o666); err != nil {
			return "", nil, err
		}
	}
	return dir, files, nil
}

// weave weaves the files of a package into dir.
func (w *Weaver) weave(in Instrumentation, pkg, dir string, files []string, flags ...string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	folder := filepath.Join(w.Root, "instrumentation", in.Folder)
	args := append([]string{"weave", "--importpath", pkg, "--go-version", w.Version, "--goos", w.GOOS, "--goarch", w.GOARCH,
		"--rules", filepath.Join(folder, "weave.yaml"), "--out", dir}, flags...)
	hooks, err := hookFiles(folder)
	if err != nil {
		return err
	}
	for _, f := range hooks {
		args = append(args, "--hook-file", f)
	}
	_, err = output(exec.Command(w.Goweave, append(args, files...)...))
	return err
}

// hookFiles lists the Go files of a folder but for its tests.
func hookFiles(folder string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	return slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, "_test.go") }), err
}

// weaveModule weaves one package in a copy of its module, since the go command takes no overlay of what lies in the module cache.
// It returns the line of a go.mod file that puts the copy in the module's place.
func (w *Weaver) weaveModule(in Instrumentation, pkg, path string) (string, error) {
	list := func(args ...string) (string, error) {
		cmd := exec.Command(w.Go, append([]string{"list", "-f"}, args...)...)
		cmd.Env, cmd.Dir = w.Env(), w.Root
		return output(cmd)
	}
	out, err := list("{{.Dir}} {{.Version}}", "-m", path)
	if err != nil {
		return "", err
	}
	from, version, _ := strings.Cut(strings.TrimSpace(out), " ")
	to := filepath.Join(w.Dir, "modules", filepath.FromSlash(path))
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return "", err
	}
	if out, err = list("{{range .GoFiles}}{{$.Dir}}/{{.}}\n{{end}}", pkg); err != nil {
		return "", err
	}
	dir := filepath.Join(to, filepath.FromSlash(strings.TrimPrefix(pkg, path)))
	if err := w.weave(in, pkg, dir, strings.Fields(out), "--package-version", version); err != nil {
		return "", err
	}
	return fmt.Sprintf("replace %s => %s\n", path, to), nil
}

// Lower lowers the rules of an instrumentation and returns the file for main packages.
func (w *Weaver) Lower(in Instrumentation) (string, error) {
	folder := filepath.Join(w.Root, "instrumentation", in.Folder)
	hooks, err := hookFiles(folder)
	if err != nil {
		return "", err
	}
	args := []string{"lower", "--rules", filepath.Join(folder, "weave.yaml")}
	for _, f := range hooks {
		args = append(args, "--hook-file", f)
	}
	for _, pkg := range slices.Concat(in.Packages, in.Foreign) {
		args = append(args, "--target", pkg+"="+filepath.Join(w.Dir, in.Folder+"."+strings.ReplaceAll(pkg, "/", "_")+".json"))
	}
	main := filepath.Join(w.Dir, in.Folder+".main.json")
	_, err = output(exec.Command(w.Goweave, append(args, "--main", main)...))
	return main, err
}

// Overlay weaves all instrumentations and returns the overlay without the file of the main package.
func (w *Weaver) Overlay() (map[string]string, error) {
	overlay := map[string]string{}
	var replace strings.Builder
	for _, in := range All {
		for i, pkg := range in.Packages {
			if in.Modules != nil {
				line, err := w.weaveModule(in, pkg, in.Modules[i])
				if err != nil {
					return nil, err
				}
				replace.WriteString(line)
				continue
			}
			dir, files, err := w.Weave(in, pkg)
			if err != nil {
				return nil, err
			}
			for _, f := range files {
				overlay[f] = filepath.Join(dir, filepath.Base(f))
			}
			overlay[filepath.Join(w.Goroot, "src", filepath.FromSlash(pkg), "zz_weave.go")] = filepath.Join(dir, "zz_weave.go")
		}
	}
	w.modfile = filepath.Join(w.Dir, "woven.mod")
	for from, more := range map[string]string{"go.mod": replace.String(), "go.sum": ""} {
		text, err := os.ReadFile(filepath.Join(w.Root, from))
		if err != nil {
			return nil, err
		}
		to := strings.TrimSuffix(w.modfile, ".mod") + filepath.Ext(from)
		if err := os.WriteFile(to, append(text, more...), 0o666); err != nil {
			return nil, err
		}
	}
	return overlay, nil
}

var graph sync.Map

// stdGraph writes the import graph of the standard library, once per folder.
func (w *Weaver) stdGraph() (string, error) {
	once, _ := graph.LoadOrStore(w.Dir, sync.OnceValues(func() (string, error) {
		cmd := exec.Command(w.Go, "list", "-f", `{{range .GoFiles}}{{$.Dir}}/{{.}}
{{end}}{{range .CgoFiles}}{{$.Dir}}/{{.}}
{{end}}`, "std")
		cmd.Env, cmd.Dir = w.Env(), w.Dir
		out, err := output(cmd)
		if err != nil {
			return "", err
		}
		param, file := filepath.Join(w.Dir, "std.param"), filepath.Join(w.Dir, "std.json")
		if err := os.WriteFile(param, []byte(out), 0o666); err != nil {
			return "", err
		}
		_, err = output(exec.Command(w.Goweave, "stdgraph", "--go-version", w.Version, "--goos", w.GOOS, "--goarch", w.GOARCH,
			"--goroot-src", filepath.Join(w.Goroot, "src"), "--out", file, "@"+param))
		return file, err
	}))
	return once.(func() (string, error))()
}

// Build builds the main package in folder dir, which lies in a module that can import ours, woven if overlay is not nil.
func (w *Weaver) Build(dir, out string, overlay map[string]string, flags ...string) error {
	args := append([]string{"build", "-o", out}, flags...)
	if w.Race {
		args = append(args, "-race")
	}
	if overlay != nil {
		all := map[string]string{}
		for k, v := range overlay {
			all[k] = v
		}
		main, err := w.mainFile(dir)
		if err != nil {
			return err
		}
		all[filepath.Join(dir, "weave_main.go")] = main
		b, err := json.Marshal(map[string]any{"Replace": all})
		if err != nil {
			return err
		}
		file := out + ".overlay.json"
		if err := os.WriteFile(file, b, 0o666); err != nil {
			return err
		}
		args = append(args, "-overlay", file, "-modfile", w.modfile)
	}
	cmd := exec.Command(w.Go, append(args, ".")...)
	cmd.Dir, cmd.Env = dir, w.Env()
	_, err := output(cmd)
	return err
}

// mainFile has goweave write the file that links the hooks into the main package in dir.
func (w *Weaver) mainFile(dir string) (string, error) {
	std, err := w.stdGraph()
	if err != nil {
		return "", err
	}
	out := filepath.Join(w.Dir, "main_"+filepath.Base(dir)+".go")
	sources, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return "", err
	}
	args := []string{"main", "--package-path", "main", "--go-version", w.Version, "--goos", w.GOOS, "--goarch", w.GOARCH,
		"--std-graph", std, "--out", out}
	for _, in := range All {
		main, err := w.Lower(in)
		if err != nil {
			return "", err
		}
		kind := "--main-rules"
		if in.Support {
			kind = "--support-rules"
		}
		args = append(args, kind, main)
	}
	for _, s := range sources {
		args = append(args, "--main-src", s)
	}
	_, err = output(exec.Command(w.Goweave, args...))
	return out, err
}

// output runs a command and returns what it prints; the error has what it says.
func output(cmd *exec.Cmd) (string, error) {
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args[:min(len(cmd.Args), 4)], " "), err, stderr.String())
	}
	return string(out), err
}
