package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// about is what a folder says of itself.
type about struct {
	Library    string   `json:"library"`     // what people call it
	Packages   []string `json:"packages"`    // what reports list it by, if it has no modules; none: README.md does not list it
	Modules    []string `json:"modules"`     // the modules any of which it is for; none of the standard library
	KnownBy    []string `json:"known-by"`    // packages which show that a program uses it, where its modules do not
	Summary    string   `json:"summary"`     // what of the library is instrumented
	Spans      string   `json:"spans"`       // which spans
	Metrics    []string `json:"metrics"`     // where no program in testdata shows them
	Attributes []string `json:"attributes"`  // likewise
	Settings   []string `json:"settings"`    // variables of its own, which runtime/README.md explains
	NotCovered []string `json:"not-covered"` // what somebody might look for
	Always     bool     `json:"always"`      // whether it is on where others are listed by name
	ByLabel    bool     `json:"by-label"`    // whether it is in no set: somebody names its label
	Programs   []string `json:"programs"`    // others of testdata that e2e/catalogue has, beside the folder's
	Slow       bool     `json:"slow"`        // whether the library takes minutes to compile: ./dev test catalogue alone builds its programs
}

// entry is a folder.
type entry struct {
	about
	folder, name string
	tried        []string // versions, oldest first, of the module that each begins with
	between      between
}

// between is which versions between those were tried, and when; ./dev test catalogue --all writes it.
type between struct {
	Date     string
	Versions map[string][]string // by module
}

// file is something to write, by path below the root.
type file struct {
	path string
	text []byte
}

var nameLine = regexp.MustCompile(`(?m)^name: (.+)$`)

// read reads the folders; every one with rules has to say what it is.
func read(root string) ([]entry, error) {
	rules, err := filepath.Glob(filepath.Join(root, "instrumentation/*/weave.yaml"))
	if err != nil {
		return nil, err
	}
	var all []entry
	for _, path := range rules {
		dir := filepath.Dir(path)
		e := entry{folder: filepath.Base(dir)}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if m := nameLine.FindSubmatch(text); m == nil {
			return nil, fmt.Errorf("%s has no line `name: NAME`", path)
		} else {
			e.name = string(m[1])
		}
		if text, err = os.ReadFile(filepath.Join(dir, "about.json")); err != nil {
			return nil, fmt.Errorf("instrumentation/%s does not say what it is: %w", e.folder, err)
		}
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&e.about); err != nil {
			return nil, fmt.Errorf("instrumentation/%s/about.json: %w", e.folder, err)
		}
		if e.Library == "" || e.Summary == "" || e.Spans == "" {
			return nil, fmt.Errorf("instrumentation/%s/about.json: library, summary and spans are not all there", e.folder)
		}
		if len(e.Modules) > 0 && e.folder != "otel_trace" {
			if e.name != e.folder {
				return nil, fmt.Errorf("instrumentation/%s is called %s: the folder of one for a library is its name, which is its switch", e.folder, e.name)
			}
			if err := e.readTried(filepath.Join(root, "instrumentation/internal/weavetest/testdata", e.folder)); err != nil {
				return nil, err
			}
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return all, nil
}

// readTried reads what the library's program was seen to emit, and with which versions.
func (e *entry) readTried(dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, "emitted.json"))
	if err != nil {
		return fmt.Errorf("%w\nhelp: TestCatalogue/%s with -args -update writes it", err, e.folder)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var seen struct{ Metrics, Attributes []string }
	if err := d.Decode(&seen); err != nil {
		return fmt.Errorf("%s/emitted.json: %w", dir, err)
	}
	if len(e.Metrics)+len(e.Attributes) > 0 {
		return fmt.Errorf("instrumentation/%s/about.json lists metrics or attributes, and its program shows them: leave them out", e.folder)
	}
	e.Metrics, e.Attributes = seen.Metrics, seen.Attributes
	for _, mod := range []string{"oldest/go.mod", "go.mod"} {
		text, err := os.ReadFile(filepath.Join(dir, mod))
		if err != nil {
			return err
		}
		for _, module := range e.Modules {
			line := regexp.MustCompile(`(?m)^(?:require)?\s+` + regexp.QuoteMeta(module) + ` v(\S+)`)
			if m := line.FindSubmatch(text); m != nil {
				e.tried = append(e.tried, module+" "+string(m[1]))
			}
		}
	}
	if text, err = os.ReadFile(filepath.Join(dir, "between.json")); err == nil {
		if err := json.Unmarshal(text, &e.between); err != nil {
			return fmt.Errorf("%s/between.json: %w", dir, err)
		}
	}
	if len(e.tried) < 2 {
		return fmt.Errorf("%s: neither of go.mod and oldest/go.mod may lack the module, %s", dir, strings.Join(e.Modules, " or "))
	}
	return nil
}

// versions lists what was tried of a module, oldest first.
func (e entry) versions(module string) (all []string) {
	for _, t := range e.tried {
		if name, version, _ := strings.Cut(t, " "); name == module && !slices.Contains(all, version) {
			all = append(all, version)
		}
	}
	return all
}

// generate makes the files.
func generate(root string) ([]file, error) {
	all, err := read(root)
	if err != nil {
		return nil, err
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		return nil, err
	}
	if readme, err = withList(readme, all); err != nil {
		return nil, err
	}
	reported, err := forReports(all)
	if err != nil {
		return nil, err
	}
	files, err := workspace(root, all)
	if err != nil {
		return nil, err
	}
	return append(files,
		file{"README.md", readme},
		file{"docs/catalogue.md", page(all)},
		file{"rules/private/catalogue.bzl", table(all)},
		file{"runtime/internal/env/switches.go", switches(all)},
		file{"tool/report/src/catalogue.json", reported},
	), nil
}

// table is what rules/private/shipped.bzl reads.
func table(all []entry) []byte {
	var b bytes.Buffer
	b.WriteString(`"""The instrumentations that this module ships; ./dev generate makes it of the folders of instrumentation/."""

visibility(["//rules/private/..."])

# Name, folder, the modules any of which it is for (none of the standard library), and whether it is on where others are named.
CATALOGUE = [
`)
	for _, e := range all {
		if e.ByLabel {
			continue
		}
		quoted := make([]string, len(e.Modules))
		for i, m := range e.Modules {
			quoted[i] = fmt.Sprintf("%q", m)
		}
		always := "False"
		if e.Always {
			always = "True"
		}
		fmt.Fprintf(&b, "    (%q, %q, [%s], %s),\n", e.name, e.folder, strings.Join(quoted, ", "), always)
	}
	b.WriteString("]\n")
	return b.Bytes()
}

// switches is the file by which woven programs know the names of instrumentations.
func switches(all []entry) []byte {
	names := []string{}
	for _, e := range all {
		name := strings.TrimPrefix(variable(e.name), "OTEL_INSTRUMENTATION_")
		names = append(names, strings.TrimSuffix(name, "_ENABLED"))
	}
	slices.Sort(names)
	var b bytes.Buffer
	b.WriteString(`// Code generated by ./dev generate from the folders of instrumentation/. DO NOT EDIT.

package env

// switches has the shipped instrumentations, as OTEL_INSTRUMENTATION_<NAME>_ENABLED names them, each between spaces.
const switches = "" +
`)
	for _, name := range slices.Compact(names) {
		fmt.Fprintf(&b, "\t%q +\n", " "+name)
	}
	b.WriteString("\t\" \"\n")
	return b.Bytes()
}

var link = regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`)

// forReports is what reports say of libraries.
func forReports(all []entry) ([]byte, error) {
	type shipped struct {
		Name    string   `json:"name"`
		Library string   `json:"library"`
		Modules []string `json:"modules"`
		Folder  string   `json:"folder,omitempty"`
		KnownBy []string `json:"known-by,omitempty"`
		Spans   string   `json:"spans"`
		Metrics []string `json:"metrics"`
	}
	list := []shipped{}
	for _, e := range all {
		if e.ByLabel || e.Always {
			continue
		}
		modules := e.Modules
		if len(modules) == 0 {
			modules = e.Packages
		}
		folder := e.folder
		if folder == e.name {
			folder = ""
		}
		list = append(list, shipped{e.name, e.Library, modules, folder, e.KnownBy, link.ReplaceAllString(e.Spans, "$1"), append([]string{}, e.Metrics...)})
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(list)
	return b.Bytes(), err
}

const begin, end = "<!-- ./dev generate makes this list -->\n", "<!-- the end of the list -->\n"

// ordered puts what everybody has first.
func ordered(all []entry) []entry {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b entry) int {
		return cmp.Or(cmp.Compare(min(len(a.Modules), 1), min(len(b.Modules), 1)), strings.Compare(strings.ToLower(a.Library), strings.ToLower(b.Library)))
	})
	return all
}

// withList is README.md with the list.
func withList(readme []byte, all []entry) ([]byte, error) {
	before, rest, ok := bytes.Cut(readme, []byte(begin))
	_, after, ok2 := bytes.Cut(rest, []byte(end))
	if !ok || !ok2 {
		return nil, fmt.Errorf("README.md has no place for the list: lines %q and %q", begin, end)
	}
	var std, modules []string
	for _, e := range ordered(all) {
		item := fmt.Sprintf("[%s](docs/catalogue.md#%s)", e.Library, anchor(e.Library))
		switch {
		case len(e.Packages) == 0:
		case len(e.Modules) == 0:
			std = append(std, item)
		default:
			modules = append(modules, item)
		}
	}
	var b bytes.Buffer
	b.Write(before)
	b.WriteString(begin)
	fmt.Fprintf(&b, "- **Standard library:** %s\n- **Modules:** %s\n", strings.Join(std, ",\n  "), strings.Join(modules, ",\n  "))
	b.WriteString(end)
	b.Write(after)
	return b.Bytes(), nil
}

func code(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return "`" + strings.Join(names, "`, `") + "`"
}

// variable is the switch of an instrumentation.
func variable(name string) string {
	letters := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}
	return "OTEL_INSTRUMENTATION_" + strings.ToUpper(strings.Map(letters, strings.ToLower(name))) + "_ENABLED"
}

// String is what the page says of it.
func (b between) String() string {
	if b.Date == "" {
		return ""
	}
	var parts []string
	for _, module := range slices.Sorted(maps.Keys(b.Versions)) {
		parts = append(parts, strings.Join(b.Versions[module], ", "))
	}
	if len(parts) == 0 {
		return "none, " + b.Date
	}
	return strings.Join(parts, "; ") + ", " + b.Date
}

// page is docs/catalogue.md.
func page(all []entry) []byte {
	var b bytes.Buffer
	b.WriteString(`# Catalogue

Instrumented libraries: tested versions, spans, metrics, attributes and switches. ` + "`./dev generate`" + ` makes this page from the folders of
` + "`instrumentation/`" + `. A build applies the instrumentations of the libraries that it has: in Bazel those whose module go_deps resolved, with
` + "`goweave go`" + ` those whose packages are linked. Metrics and attributes of a library are those that a test program emitted with the oldest
and with the newest version listed. Versions in between were woven and run on the given day by ` + "`./dev test catalogue --all`" + `.

| library | tested versions | in between | name |
|---|---|---|---|
`)
	sorted := ordered(all)
	for _, e := range sorted {
		tried := "those of Go"
		if len(e.Modules) > 0 {
			var parts []string
			for _, m := range e.Modules {
				if v := e.versions(m); len(v) > 0 {
					parts = append(parts, "`"+m+"` "+strings.Join(v, ", "))
				} else {
					parts = append(parts, "`"+m+"`")
				}
			}
			tried = strings.Join(parts, "; ")
		}
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | `%s` |\n", e.Library, anchor(e.Library), tried, e.between, e.name)
	}
	for _, e := range sorted {
		fmt.Fprintf(&b, "\n## %s\n\n", e.Library)
		item := func(what, text string) {
			if text != "" {
				fmt.Fprintf(&b, "- %s: %s\n", what, text)
			}
		}
		item("instrumented", strings.ReplaceAll(upward(e.Summary), "\n", " "))
		item("spans", upward(e.Spans))
		item("metrics", code(e.Metrics))
		item("attributes", code(e.Attributes))
		if e.ByLabel {
			item("switch", "none; see [its page](../instrumentation/"+e.folder+"/README.md)")
		} else {
			item("switch", "`"+variable(e.name)+"`")
		}
		item("settings", code(e.Settings))
		item("not covered", strings.Join(e.NotCovered, "; "))
	}
	return b.Bytes()
}

// upward mends the links of a text that is written for README.md.
func upward(text string) string {
	return regexp.MustCompile(`\]\(([a-z])`).ReplaceAllString(text, "](../$1")
}

// anchor is how a heading is linked to.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_':
			return r
		}
		return -1
	}, strings.ToLower(heading))
}
