// Command types tells goweave what the Go type checker knows of one package: which method a call is of, what the types
// of arguments, parameters and results implement, of which types literals are. It answers what the rules for the package
// ask, and nothing else.
//
// Input are the sources of the package, the rules as `goweave lower` or `goweave types` writes them, and the export data
// of what the package imports, listed as for the compiler (-importcfg). Output is JSON that `goweave weave --types`
// reads. It names files by their base names and places by byte offsets, and is a function of the input alone.
//
// Errors go to stderr, one `path:line:col: message` a line. The exit code is 1 if the package has errors, and 2 if the
// arguments or files have.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/build"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stderr))
}

// list is a flag that may be repeated.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(value string) error {
	*l = append(*l, value)
	return nil
}

// run does what the arguments say and returns the exit code.
func run(arguments []string, stderr io.Writer) int {
	arguments, err := expand(arguments)
	if err != nil {
		fmt.Fprintf(stderr, "types: %v\n", err)
		return 2
	}
	flags := flag.NewFlagSet("types", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var input Input
	var rules, archives, maps list
	flags.StringVar(&input.Package, "importpath", "", "import path of the package")
	flags.Var(&rules, "rules", "file with questions, as goweave writes rules for one package; may be repeated")
	importcfg := flags.String("importcfg", "", "file that says where the export data of imported packages are")
	flags.Var(&archives, "archive", "IMPORTPATH=FILE, in addition to -importcfg; may be repeated")
	flags.Var(&maps, "map", "WRITTEN=IMPORTPATH: what the sources write for another path; may be repeated")
	stdlib := flags.String("stdlib", "", "folder with the archives of the standard library, IMPORTPATH.a")
	flags.BoolVar(&input.Std, "std", false, "the package is one of the standard library")
	flags.BoolVar(&input.NoExternalTests, "no-external-tests", false, "the files of the external test package are not part of the package")
	flags.BoolVar(&input.All, "all", false, "all files are in the build, whatever their names and constraints say")
	out := flags.String("out", "", "file to write")
	goVersion := flags.String("go-version", "", "Go release")
	goos := flags.String("goos", "", "target operating system")
	goarch := flags.String("goarch", "", "target architecture")
	cgo := flags.Bool("cgo", false, "cgo is on")
	tags := flags.String("tags", "", "build tags, separated by commas")
	if err := flags.Parse(arguments); err != nil {
		return 2
	}
	input.Build, err = context(*goVersion, *goos, *goarch, *tags, *cgo)
	if err == nil {
		err = input.read(rules, flags.Args())
	}
	if err == nil {
		input.Exports, err = exports(*importcfg, archives, maps, *stdlib)
	}
	if err != nil {
		fmt.Fprintf(stderr, "types: %v\n", err)
		return 2
	}
	facts, err := Check(&input)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	text, err := json.MarshalIndent(facts, "", " ")
	if err == nil {
		err = os.WriteFile(*out, append(text, '\n'), 0o666)
	}
	if err != nil {
		fmt.Fprintf(stderr, "types: %v\n", err)
		return 2
	}
	return 0
}

// expand replaces an argument @FILE by the lines of FILE.
func expand(arguments []string) ([]string, error) {
	var all []string
	for _, a := range arguments {
		path, isFile := strings.CutPrefix(a, "@")
		if !isFile {
			all = append(all, a)
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for _, line := range strings.Split(string(text), "\n") {
			if line != "" {
				all = append(all, line)
			}
		}
	}
	return all, nil
}

// context is what decides which files are in the build.
func context(release, goos, goarch, tags string, cgo bool) (build.Context, error) {
	c := build.Context{GOOS: goos, GOARCH: goarch, Compiler: "gc", CgoEnabled: cgo}
	for _, part := range []struct{ name, value string }{{"go-version", release}, {"goos", goos}, {"goarch", goarch}} {
		if part.value == "" {
			return c, fmt.Errorf("-%s is missing", part.name)
		}
	}
	_, rest, _ := strings.Cut(strings.TrimPrefix(release, "go"), ".")
	digits := rest
	if i := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		digits = rest[:i]
	}
	minor, err := strconv.Atoi(digits)
	if err != nil {
		return c, fmt.Errorf("-go-version: invalid Go version %q: write for example 1.26.8", release)
	}
	for i := 1; i <= minor; i++ {
		c.ReleaseTags = append(c.ReleaseTags, fmt.Sprintf("go1.%d", i))
	}
	// The toolchain's own: experiments that are on, the baseline of the architecture. This program is built by it.
	c.ToolTags = build.Default.ToolTags
	for _, tag := range strings.Split(tags, ",") {
		if tag != "" {
			c.BuildTags = append(c.BuildTags, tag)
		}
	}
	return c, nil
}

// read reads questions and sources.
func (in *Input) read(rules, files []string) error {
	if in.Package == "" {
		return errors.New("-importpath is missing")
	}
	for _, path := range rules {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var file struct {
			Weave int       `json:"weave"`
			Types Questions `json:"types"`
		}
		if err := json.Unmarshal(text, &file); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if file.Weave != 1 {
			return fmt.Errorf("%s is of format %d, and this program reads 1", path, file.Weave)
		}
		in.Questions.extend(file.Types)
	}
	in.Questions.sort()
	for _, path := range files {
		if filepath.Ext(path) != ".go" {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		in.Files = append(in.Files, File{Path: path, Source: source})
	}
	return nil
}

// exports finds the export data of packages: by an importcfg, by single files, in a folder of the standard library.
func exports(importcfg string, archives, maps []string, stdlib string) (Exports, error) {
	e := Exports{Files: map[string]string{}, Map: map[string]string{}, Stdlib: stdlib}
	for _, flag := range []struct {
		name string
		list []string
		to   map[string]string
	}{{"archive", archives, e.Files}, {"map", maps, e.Map}} {
		for _, pair := range flag.list {
			key, value, ok := strings.Cut(pair, "=")
			if !ok {
				return e, fmt.Errorf("-%s: expected two parts with = between them, got %q", flag.name, pair)
			}
			flag.to[key] = value
		}
	}
	if importcfg == "" {
		return e, nil
	}
	f, err := os.Open(importcfg)
	if err != nil {
		return e, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		verb, rest, _ := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		before, after, ok := strings.Cut(rest, "=")
		switch {
		case verb == "" || strings.HasPrefix(verb, "#"):
		case verb == "packagefile" && ok:
			e.Files[before] = after
		case verb == "importmap" && ok:
			e.Map[before] = after
		default:
			return e, fmt.Errorf("%s:%d: cannot read this line of an importcfg", importcfg, n)
		}
	}
	return e, lines.Err()
}

// Exports says where export data are.
type Exports struct {
	// Files by import path.
	Files map[string]string
	// Map has the import paths that sources write for others.
	Map map[string]string
	// Stdlib is a folder with IMPORTPATH.a for each package of the standard library.
	Stdlib string
}

// path returns what an import in the sources stands for.
func (e *Exports) path(written string, std bool) string {
	if to, ok := e.Map[written]; ok {
		return to
	}
	if std && strings.HasPrefix(written, "golang.org/x/") {
		return "vendor/" + written
	}
	return written
}

// errNoExport is returned for packages without export data.
var errNoExport = errors.New("there is no export data for it")

// open opens the export data of a package.
func (e *Exports) open(path string) (io.ReadCloser, error) {
	if file, ok := e.Files[path]; ok {
		return os.Open(file)
	}
	if e.Stdlib != "" {
		f, err := os.Open(filepath.Join(e.Stdlib, filepath.FromSlash(path)+".a"))
		if err == nil || !errors.Is(err, os.ErrNotExist) {
			return f, err
		}
	}
	return nil, errNoExport
}

// Errors are the errors of a package, in the order of their positions.
type Errors []PositionError

// PositionError is an error and its place.
type PositionError struct {
	At      token.Position
	Message string
}

func (e Errors) Error() string {
	lines := make([]string, 0, len(e))
	for _, one := range e {
		if one.At.IsValid() {
			lines = append(lines, fmt.Sprintf("%s:%d:%d: %s", one.At.Filename, one.At.Line, one.At.Column, one.Message))
		} else {
			lines = append(lines, one.Message)
		}
	}
	return strings.Join(lines, "\n")
}

func (e Errors) sort() {
	sort.SliceStable(e, func(i, j int) bool {
		a, b := e[i].At, e[j].At
		if a.Filename != b.Filename {
			return a.Filename < b.Filename
		}
		return a.Offset < b.Offset
	})
}
