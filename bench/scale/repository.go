package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// shape says what the generated repository is like.
type shape struct {
	packages int // libraries
	binaries int // programs
	layers   int // a library imports libraries of the layer below its own
	fan      int // how many of these it imports
}

// core is how many libraries everything imports.
const core = 5

// generate writes a repository of small files that compile. It is a function of the shape alone.
func generate(dir string, s shape) error {
	files := map[string]string{
		"MODULE.bazel": `module(name = "mono")

bazel_dep(name = "gazelle", version = "0.54.0")
bazel_dep(name = "rules_go", version = "0.65.0")
bazel_dep(name = "rules_go_weave")

register_toolchains("@rules_go_weave//rules/toolchain:all")

go_sdk = use_extension("@rules_go//go:extensions.bzl", "go_sdk")
go_sdk.host()
`,
		".bazelrc":    "build:weave --@rules_go_weave//:weave=on\n",
		"BUILD.bazel": "",
	}
	for i := range core {
		library(files, fmt.Sprintf("core/c%d", i), nil, nil)
	}
	var cores []string
	for i := range core {
		cores = append(cores, fmt.Sprintf("core/c%d", i))
	}
	width := max(1, s.packages/s.layers)
	for i := range s.packages {
		deps := append([]string{}, cores[i%core])
		if below := i - width; below >= 0 {
			start := below / width * width
			seen := map[int]bool{}
			for f := range s.fan {
				// Spread over the layer below, the same in every run.
				n := start + (i*7+f*13)%width
				if !seen[n] {
					seen[n] = true
					deps = append(deps, name(n))
				}
			}
		}
		var std []string
		switch i % 20 {
		case 3, 13:
			std = []string{"net/http"}
		case 7:
			std = []string{"database/sql"}
		}
		library(files, name(i), deps, std)
	}
	for i := range s.binaries {
		var deps []string
		for f := range 3 {
			n := s.packages - 1 - (i*3+f)%min(s.packages, 4*width)
			if path := name(n); len(deps) == 0 || deps[len(deps)-1] != path {
				deps = append(deps, path)
			}
		}
		program(files, fmt.Sprintf("cmd/b%04d", i), deps)
	}
	for path, text := range files {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func name(i int) string { return fmt.Sprintf("lib/p%05d", i) }

func library(files map[string]string, path string, deps, std []string) {
	base := filepath.Base(path)
	var b strings.Builder
	fmt.Fprintf(&b, "// Package %s is one of many.\npackage %s\n\nimport (\n", base, base)
	for _, s := range std {
		fmt.Fprintf(&b, "\t%q\n", s)
	}
	for _, d := range deps {
		fmt.Fprintf(&b, "\t\"example.com/mono/%s\"\n", d)
	}
	b.WriteString(")\n\n")
	for _, s := range std {
		switch s {
		case "net/http":
			b.WriteString("// Client is used by Fetch.\nvar Client http.Client\n\n// Fetch fetches.\nfunc Fetch(url string) (*http.Response, error) { return Client.Get(url) }\n\n")
		case "database/sql":
			b.WriteString("// Count counts.\nfunc Count(db *sql.DB) (n int, err error) {\n\terr = db.QueryRow(\"SELECT count(*) FROM t\").Scan(&n)\n\treturn n, err\n}\n\n")
		}
	}
	b.WriteString("// Sum adds up.\nfunc Sum(n int) int {\n\tfor i := range n {\n\t\tn += i % 3\n\t}\n")
	for _, d := range deps {
		fmt.Fprintf(&b, "\tn += %s.Sum(n %% 7)\n", filepath.Base(d))
	}
	b.WriteString("\treturn n\n}\n")
	files[path+"/"+base+".go"] = b.String()
	files[path+"/BUILD.bazel"] = "load(\"@rules_go//go:def.bzl\", \"go_library\")\n\ngo_library(\n    name = \"" + base + "\",\n    srcs = [\"" + base +
		".go\"],\n    importpath = \"example.com/mono/" + path + "\",\n    visibility = [\"//visibility:public\"],\n    deps = [" + labels(deps) + "],\n)\n"
}

func program(files map[string]string, path string, deps []string) {
	base := filepath.Base(path)
	var b strings.Builder
	fmt.Fprintf(&b, "// Command %s is one of many.\npackage main\n\nimport (\n\t\"os\"\n", base)
	for _, d := range deps {
		fmt.Fprintf(&b, "\t\"example.com/mono/%s\"\n", d)
	}
	b.WriteString(")\n\nfunc main() {\n\tn := len(os.Args)\n")
	for _, d := range deps {
		fmt.Fprintf(&b, "\tn += %s.Sum(n)\n", filepath.Base(d))
	}
	b.WriteString("\tos.Exit(n & 1)\n}\n")
	files[path+"/main.go"] = b.String()
	files[path+"/BUILD.bazel"] = "load(\"@rules_go//go:def.bzl\", \"go_binary\")\n\ngo_binary(\n    name = \"" + base +
		"\",\n    srcs = [\"main.go\"],\n    deps = [" + labels(deps) + "],\n)\n"
}

func labels(deps []string) string {
	var quoted []string
	for _, d := range deps {
		quoted = append(quoted, fmt.Sprintf("%q", "//"+d))
	}
	return strings.Join(quoted, ", ")
}
