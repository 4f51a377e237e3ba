// Command compile runs rules_go's builder for a woven package, so that what is wrong with the package reads as in the plain build.
//
//	compile [flags] -- BUILDER ARGUMENTS [--plain ARGUMENTS]
//
// If the builder fails on the woven files, it is run again with the arguments of the plain build: what it then says is said, in its own words.
// If it has nothing to say there, code that rules inserted does not compile, and the rules are named. What is said of a package that
// compiles names its files as the plain build does.
//
// It is no part of goweave, so that another goweave compiles nothing again whose woven text stays the same.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
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

// separator stands between the arguments of the woven build and of the plain one.
const separator = "--plain"

// run does what the arguments say and returns the exit code.
func run(arguments []string, stderr io.Writer) int {
	own, builder, ok := cut(arguments, "--")
	if !ok || len(builder) == 0 {
		fmt.Fprintln(stderr, "compile: no builder is given: it is for rules_go_weave's own actions")
		return 2
	}
	own, err := expand(own)
	if err != nil {
		fmt.Fprintf(stderr, "compile: %v\n", err)
		return 2
	}
	var p pkg
	var unset, directories list
	flags := flag.NewFlagSet("compile", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&p.origins, "origins", "", "what rules inserted, as `goweave weave --origins` writes it")
	flags.Var(&p.woven, "woven", "woven file; may be repeated")
	flags.Var(&p.originals, "original", "its original, one for each woven file in their order")
	flags.StringVar(&p.at, "at", "", "path of the first woven file where Bazel maps none")
	flags.Var(&p.rules, "rules", "NAME=FILE=PLACES: an instrumentation, its rule file, and where Bazel has the places of its rules; may be repeated")
	flags.Var(&unset, "unset", "variable that the plain build does not have; may be repeated")
	flags.Var(&directories, "directory", "directory among the outputs, which is empty before a builder runs; may be repeated")
	if err := flags.Parse(own); err != nil {
		return 2
	}
	woven, plain, has := cut(builder[1:], separator)
	said, code, err := execute(builder[0], woven, os.Environ())
	if err != nil {
		fmt.Fprintf(stderr, "compile: cannot run %s: %v\n", builder[0], err)
		return 2
	}
	if code == 0 {
		io.WriteString(stderr, p.passed(said))
		return 0
	}
	if has {
		for _, directory := range directories {
			if err := empty(directory); err != nil {
				fmt.Fprintf(stderr, "compile: %v\n", err)
			}
		}
		environment := slices.DeleteFunc(os.Environ(), func(variable string) bool {
			name, _, _ := strings.Cut(variable, "=")
			return slices.Contains(unset, name)
		})
		if said, code, err := execute(builder[0], plain, environment); err == nil && code != 0 {
			io.WriteString(stderr, said)
			return code
		}
	}
	io.WriteString(stderr, p.blame(said))
	return code
}

// cut returns what is before and behind the first of the words that is the given one.
func cut(words []string, word string) (before, behind []string, found bool) {
	i := slices.Index(words, word)
	if i < 0 {
		return words, nil, false
	}
	return words[:i], words[i+1:], true
}

// expand puts the lines of FILE in place of an argument @FILE.
func expand(arguments []string) ([]string, error) {
	var expanded []string
	for _, a := range arguments {
		path, ok := strings.CutPrefix(a, "@")
		if !ok {
			expanded = append(expanded, a)
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		lines.Buffer(nil, len(text)+1)
		for lines.Scan() {
			expanded = append(expanded, lines.Text())
		}
	}
	return expanded, nil
}

// empty removes what is in a directory.
func empty(directory string) error {
	entries, err := os.ReadDir(directory)
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(directory, entry.Name())))
	}
	return err
}

// execute runs a program and returns what it says on either stream, and its exit code: as a shell has it, if a signal ended it.
func execute(program string, arguments, environment []string) (said string, code int, err error) {
	var text bytes.Buffer
	command := exec.Command(program, arguments...)
	command.Env = environment
	command.Stdout, command.Stderr = &text, &text
	err = command.Run()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		if status, ok := failed.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			return text.String(), 128 + int(status.Signal()), nil
		}
		return text.String(), failed.ExitCode(), nil
	}
	return text.String(), 0, err
}
