// Command catalogue makes what follows from the folders of instrumentation/: the table that rules/private/shipped.bzl reads, the list in
// README.md, docs/catalogue.md, what reports say of
// libraries, and the Bazel workspace e2e/catalogue. Each folder says in about.json what it is for, and in testdata of the test harness there is what a
// program that uses the library was seen to emit.
//
//	./dev generate                               writes what is not current
//	./dev new-instrumentation NAME MODULE        makes a folder that builds, and whose test passes, to go on from
package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	switch {
	case len(args) == 1 && args[0] == "generate":
		return write(root)
	case (len(args) == 3 || len(args) == 4) && args[0] == "new":
		return create(root, args[1], args[2], strings.Join(args[3:], ""))
	default:
		return errors.New("catalogue takes `generate`, or `new NAME MODULE [OLDEST]`")
	}
}

// write brings the files up to date.
func write(root string) error {
	files, err := generate(root)
	if err != nil {
		return err
	}
	for _, f := range files {
		path := filepath.Join(root, f.path)
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, f.text) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, f.text, 0o666); err != nil {
			return err
		}
		fmt.Println("wrote", f.path)
	}
	return nil
}
