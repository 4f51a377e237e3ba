// Coverage stands in for Bazel's own merger of coverage reports, a Java program that is downloaded: it joins the reports of one test.
package main

import (
	"os"
	"path/filepath"
	"strings"
)

func main() {
	var dir, out string
	for _, arg := range os.Args[1:] {
		if value, ok := strings.CutPrefix(arg, "--coverage_dir="); ok {
			dir = value
		} else if value, ok := strings.CutPrefix(arg, "--output_file="); ok {
			out = value
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.dat"))
	if err != nil {
		panic(err)
	}
	var all []byte
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		all = append(all, data...)
	}
	if err := os.WriteFile(out, all, 0o666); err != nil {
		panic(err)
	}
}
