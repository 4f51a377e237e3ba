package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// program is a program of testdata in the Bazel workspace.
type program struct {
	name    string
	sources []string
	labels  []string // of what it imports
}

var (
	goLine   = regexp.MustCompile(`(?m)^go (\S+)$`)
	required = regexp.MustCompile(`(?m)^(?:require)?\s+(\S+\.\S+) (v\S+)( // indirect)?$`)
)

// workspace makes e2e/catalogue: the programs of all libraries, with the newest versions, in one Bazel workspace. A version is the
// highest that any of them asks for, as the go command would have it. Libraries that are slow to compile are resolved, and not built.
func workspace(root string, all []entry) ([]file, error) {
	versions, direct, sums := map[string]string{}, map[string]bool{}, map[string]bool{}
	release := "1.24.0"
	var folders []string
	resolved := map[string]bool{} // a folder, and whether it is built, too
	for _, e := range all {
		if len(e.tried) > 0 {
			resolved[e.folder] = !e.Slow
		}
		for _, folder := range e.Programs {
			resolved[folder] = true
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(resolved)) {
		if resolved[folder] {
			folders = append(folders, folder)
		}
		dir := filepath.Join(root, "instrumentation/internal/weavetest/testdata", folder)
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err != nil {
			return nil, err
		}
		if bytes.Contains(mod, []byte("\nreplace ")) {
			return nil, fmt.Errorf("testdata/%s/go.mod replaces a module, which the programs of other libraries would be given, too", folder)
		}
		for _, m := range required.FindAllSubmatch(mod, -1) {
			module, version := string(m[1]), string(m[2])
			if old, ok := versions[module]; !ok || compareVersions(old, version) < 0 {
				versions[module] = version
			}
			if len(m[3]) == 0 && resolved[folder] {
				direct[module] = true
			}
		}
		if m := goLine.FindSubmatch(mod); m != nil && compareVersions("v"+release, "v"+string(m[1])) < 0 {
			release = string(m[1])
		}
		sum, err := os.ReadFile(filepath.Join(dir, "go.sum"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		for _, line := range strings.Split(string(sum), "\n") {
			sums[line] = true
		}
	}
	delete(sums, "")

	used := map[string]bool{} // modules
	var programs []program
	for _, folder := range folders {
		p, err := readProgram(root, folder, versions, used)
		if err != nil {
			return nil, err
		}
		programs = append(programs, p)
	}

	var mod, bazel, build bytes.Buffer
	fmt.Fprintf(&mod, "module example.com/catalogue\n\ngo %s\n\nrequire (\n", release)
	for _, m := range slices.Sorted(maps.Keys(versions)) {
		indirect := " // indirect"
		if direct[m] {
			indirect = ""
		}
		fmt.Fprintf(&mod, "\t%s %s%s\n", m, versions[m], indirect)
	}
	mod.WriteString(")\n")
	bazel.WriteString(workspaceText)
	repositories := map[string]bool{}
	for m := range used {
		repositories[repository(m)] = true
	}
	for _, r := range slices.Sorted(maps.Keys(repositories)) {
		fmt.Fprintf(&bazel, "    %q,\n", r)
	}
	bazel.WriteString(")\n")
	build.WriteString("load(\"@rules_go//go:def.bzl\", \"go_binary\")\n\n# ./dev generate makes this file. The programs are those that TestCatalogue builds by goweave go, too.\n")
	for _, p := range programs {
		fmt.Fprintf(&build, "\ngo_binary(\n    name = %q,\n    srcs = %s    pure = \"on\",\n", p.name, list(p.sources))
		if len(p.labels) > 0 {
			fmt.Fprintf(&build, "    deps = %s", list(p.labels))
		}
		build.WriteString(")\n")
	}
	return []file{
		{"e2e/catalogue/BUILD.bazel", build.Bytes()},
		{"e2e/catalogue/MODULE.bazel", bazel.Bytes()},
		{"e2e/catalogue/go.mod", mod.Bytes()},
		{"e2e/catalogue/go.sum", []byte(strings.Join(slices.Sorted(maps.Keys(sums)), "\n") + "\n")},
	}, nil
}

const workspaceText = `"""The libraries of the catalogue, in the programs that TestCatalogue runs. ./dev generate makes this file."""

module(name = "catalogue")

bazel_dep(name = "gazelle", version = "0.54.0")
bazel_dep(name = "rules_go", version = "0.65.0")
bazel_dep(name = "rules_go_weave")

register_toolchains("@rules_go_weave//rules/toolchain:all")

go_sdk = use_extension("@rules_go//go:extensions.bzl", "go_sdk")
go_sdk.host()

go_deps = use_extension("@gazelle//:extensions.bzl", "go_deps")
go_deps.from_file(go_mod = "//:go.mod")

# What modules have made of their .proto files is in them.
go_deps.gazelle_default_attributes(directives = ["gazelle:proto disable"])
use_repo(
    go_deps,
`

// list is a list in a BUILD file, as buildifier lays it out.
func list(items []string) string {
	if len(items) == 1 {
		return fmt.Sprintf("[%q],\n", items[0])
	}
	var b strings.Builder
	b.WriteString("[\n")
	for _, item := range items {
		fmt.Fprintf(&b, "        %q,\n", item)
	}
	b.WriteString("    ],\n")
	return b.String()
}

// readProgram reads a program of testdata: its files, and what they import.
func readProgram(root, folder string, versions map[string]string, used map[string]bool) (program, error) {
	p := program{name: folder}
	dir := filepath.Join(root, "instrumentation/internal/weavetest/testdata", folder)
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		return p, fmt.Errorf("%s has no program: %v", dir, err)
	}
	labels := map[string]bool{}
	for _, name := range files {
		p.sources = append(p.sources, "@rules_go_weave//instrumentation/internal/weavetest/testdata:"+folder+"/"+filepath.Base(name))
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return p, err
		}
		for _, spec := range parsed.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return p, err
			}
			if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
				continue
			}
			module := imported
			for versions[module] == "" {
				if module = path.Dir(module); module == "." {
					return p, fmt.Errorf("%s imports %s, of which go.mod has no module", name, imported)
				}
			}
			used[module] = true
			label := "@" + repository(module) + "//" + strings.TrimPrefix(strings.TrimPrefix(imported, module), "/")
			if path.Base(label) != library(imported) {
				label += ":" + library(imported)
			}
			labels[label] = true
		}
	}
	p.labels = slices.SortedFunc(maps.Keys(labels), func(a, b string) int {
		return cmp.Compare(strings.Replace(a, ":", "!", 1), strings.Replace(b, ":", "!", 1))
	})
	return p, nil
}

var nonName = regexp.MustCompile(`[^a-z0-9]+`)

// repository is what gazelle calls the repository of a module.
func repository(module string) string {
	host, rest, _ := strings.Cut(strings.ToLower(module), "/")
	labels := strings.Split(host, ".")
	slices.Reverse(labels)
	return strings.Trim(nonName.ReplaceAllString(strings.Join(labels, "_")+"_"+rest, "_"), "_")
}

var major = regexp.MustCompile(`^v[0-9]+$`)

// library is what gazelle calls the library of a package.
func library(importPath string) string {
	name := path.Base(importPath)
	if major.MatchString(name) {
		name = path.Base(path.Dir(importPath))
	}
	return strings.ReplaceAll(name, ".", "_")
}

// compareVersions orders versions as semantic versioning does.
func compareVersions(a, b string) int {
	cut := func(v string) ([]string, string) {
		v, _, _ = strings.Cut(strings.TrimPrefix(v, "v"), "+")
		core, pre, _ := strings.Cut(v, "-")
		return strings.Split(core, "."), pre
	}
	coreA, preA := cut(a)
	coreB, preB := cut(b)
	if c := slices.CompareFunc(coreA, coreB, comparePart); c != 0 {
		return c
	}
	switch {
	case preA == preB:
		return 0
	case preA == "":
		return 1
	case preB == "":
		return -1
	}
	return slices.CompareFunc(strings.Split(preA, "."), strings.Split(preB, "."), comparePart)
}

func comparePart(a, b string) int {
	x, errA := strconv.ParseUint(a, 10, 64)
	y, errB := strconv.ParseUint(b, 10, 64)
	switch {
	case errA == nil && errB == nil:
		return cmp.Compare(x, y)
	case errA == nil:
		return -1
	case errB == nil:
		return 1
	}
	return cmp.Compare(a, b)
}
