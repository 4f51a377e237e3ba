package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// pkg is the package that is compiled.
type pkg struct {
	origins          string
	woven, originals list
	at               string
	rules            list
}

// original returns what is said of woven files with the paths of their originals.
func (p *pkg) original(said string) string {
	var pairs []string
	for i, woven := range p.woven {
		if i < len(p.originals) {
			pairs = append(pairs, woven, p.originals[i])
		}
	}
	return strings.NewReplacer(pairs...).Replace(said)
}

// inserted is what a rule, or several of them, inserted in a line: bytes from the first column to before the second one.
type inserted struct {
	Line    int
	Columns [2]int
	Text    string
	Owner   string
}

// facts is what `goweave weave --origins` says of a package.
type facts struct {
	Files map[string][]inserted
	// Why nothing is woven into the package, though it may compile.
	Unwoven string
}

func (p *pkg) facts() (facts, error) {
	var f facts
	text, err := os.ReadFile(p.origins)
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	return f, err
}

// passed returns what a builder says of a package that compiles.
func (p *pkg) passed(said string) string {
	// What cannot be read is no reason to fail where nobody needs it.
	if facts, err := p.facts(); err == nil && facts.Unwoven != "" {
		said += facts.Unwoven + "\n"
	}
	return p.original(said)
}

// blame returns what a builder says of woven text, at the rules that it is about.
func (p *pkg) blame(said string) string {
	origins, err := p.facts()
	if err != nil {
		return p.original(said) + fmt.Sprintf("compile: cannot read %s: %v\n", p.origins, err)
	}
	places := p.places()
	var findings []string
	add := func(finding string) {
		if !slices.Contains(findings, finding) {
			findings = append(findings, finding)
		}
	}
	var rest strings.Builder
	complaints := 0
	for _, line := range strings.SplitAfter(said, "\n") {
		c, ok := complaintOf(line)
		if ok {
			complaints++
		}
		owners := ownersOf(origins.Files[filepath.Base(c.path)], c)
		if !ok || len(owners) == 0 {
			if strings.TrimSpace(line) != "too many errors" || len(findings) == 0 {
				rest.WriteString(line)
			}
			continue
		}
		for _, owner := range owners {
			add(fmt.Sprintf("%scode of %s does not compile: %s (line %d of %s)\n%s", p.place(places, owner), named(owner), c.message, c.line, p.original(c.path), p.help()))
		}
	}
	if len(findings) == 0 && complaints > 0 {
		// A //line comment moves what is inserted behind it to other files and lines.
		var all []string
		for _, list := range origins.Files {
			for _, i := range list {
				all = append(all, strings.Split(i.Owner, " and ")...)
			}
		}
		slices.Sort(all)
		for _, owner := range slices.Compact(all) {
			add(fmt.Sprintf("%sthe package compiles without the code of %s alone\n%s", p.place(places, owner), named(owner), p.help()))
		}
	}
	return strings.Join(findings, "") + p.original(rest.String())
}

// help says where to look.
func (p *pkg) help() string {
	if len(p.woven) == 0 {
		return ""
	}
	return fmt.Sprintf("    help: build with --output_groups=weave_sources to see the line, in %s; without its rules the package compiles\n", filepath.ToSlash(filepath.Dir(p.at)))
}

// named returns how a message calls a rule or a rewriter.
func named(owner string) string {
	if name, ok := strings.CutPrefix(owner, "rewriter "); ok {
		return "rewriter `" + name + "`"
	}
	return "rule `" + owner + "`"
}

// complaint is a line of a compiler.
type complaint struct {
	path         string
	line, column int
	message      string
}

// complaintOf reads a line of a compiler, which leaves columns out that are too far to the right.
func complaintOf(line string) (complaint, bool) {
	end := strings.Index(line, ".go:")
	if end < 0 {
		return complaint{}, false
	}
	c := complaint{path: line[:end+3]}
	number, rest, ok := strings.Cut(line[end+4:], ":")
	var err error
	if c.line, err = strconv.Atoi(number); !ok || err != nil {
		return complaint{}, false
	}
	if number, message, ok := strings.Cut(rest, ":"); ok {
		if column, err := strconv.Atoi(number); err == nil {
			c.column, rest = column, message
		}
	}
	c.message = strings.TrimSpace(rest)
	return c, true
}

// ownersOf returns whose text a complaint is about: what is inserted at the column, or, where that says nothing, on the line.
func ownersOf(list []inserted, c complaint) []string {
	var onLine, found []inserted
	for _, i := range list {
		if i.Line == c.line {
			onLine = append(onLine, i)
			if i.Columns[0] <= c.column && c.column < i.Columns[1] {
				found = append(found, i)
			}
		}
	}
	if len(found) == 0 {
		// Names that the complaint has.
		names := words(c.message)
		for _, i := range onLine {
			if slices.ContainsFunc(words(i.Text), func(w string) bool { return len(w) > 1 && slices.Contains(names, w) }) {
				found = append(found, i)
			}
		}
	}
	if len(found) == 0 {
		found = onLine
	}
	var owners []string
	for _, i := range found {
		owners = append(owners, strings.Split(i.Owner, " and ")...)
	}
	slices.Sort(owners)
	return slices.Compact(owners)
}

func words(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c != '_' && !unicode.IsLetter(c) && !unicode.IsDigit(c) })
}

// places returns where rules stand, by instrumentation/rule, as far as that can be seen from here.
//
// It is no input of the action, which would then run again where rules are moved to other lines: it is looked for where Bazel has made
// it, behind the links of a sandbox. On another machine it is not there.
func (p *pkg) places() map[string]string {
	found := map[string]string{}
	if len(p.woven) == 0 {
		return found
	}
	woven, err := filepath.EvalSymlinks(p.woven[0])
	if err == nil {
		woven, err = filepath.Abs(woven)
	}
	root, ok := strings.CutSuffix(filepath.ToSlash(woven), p.at)
	if err != nil || !ok {
		return found
	}
	for _, rules := range p.rules {
		name, rest, _ := strings.Cut(rules, "=")
		_, path, _ := strings.Cut(rest, "=")
		var places struct {
			Rules map[string]struct {
				At struct {
					File      string
					Line, Col int
				}
			}
		}
		text, err := os.ReadFile(root + path)
		if err != nil || json.Unmarshal(text, &places) != nil {
			continue
		}
		for rule, place := range places.Rules {
			found[name+"/"+rule] = fmt.Sprintf("%s:%d:%d: ", place.At.File, place.At.Line, place.At.Col)
		}
	}
	return found
}

// place returns how a message about a rule begins: where that stands, or at least in which file.
func (p *pkg) place(places map[string]string, owner string) string {
	if place, ok := places[owner]; ok {
		return place
	}
	owner = strings.TrimPrefix(owner, "rewriter ")
	for _, rules := range p.rules {
		name, rest, _ := strings.Cut(rules, "=")
		if file, _, _ := strings.Cut(rest, "="); owner == name || strings.HasPrefix(owner, name+"/") {
			return file + ": "
		}
	}
	return ""
}
