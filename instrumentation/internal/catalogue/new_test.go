package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rules-go-weave/rules_go_weave/instrumentation/internal/weavetest"
)

// TestNew makes a folder for a library in a copy of what belongs to it: it builds as it is, its rules are formatted, its program is
// woven, and everything that is made of the folders has it. A second one of that name is refused.
func TestNew(t *testing.T) {
	goweave, err := weavetest.Find(weavetest.Root())
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, part := range []string{"instrumentation", "runtime", "rules/private"} {
		if err := os.CopyFS(filepath.Join(dir, part), os.DirFS(filepath.Join(root, part))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum", "README.md", "docs/catalogue.md"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err == nil {
			if err = os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err == nil {
				err = os.WriteFile(filepath.Join(dir, name), text, 0o666)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	edit := func(file, old, text string) {
		path := filepath.Join(dir, file)
		got, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(got), old) {
			t.Fatalf("%s: %v: there is no %q in\n%s", file, err, old, got)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(got), old, text, 1)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	command := func(env []string, words ...string) {
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Dir = dir
		cmd.Env = append(cmd.Environ(), env...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", strings.Join(words, " "), err, out)
		}
	}

	if err := create(dir, "semaphore", "golang.org/x/sync@v0.20.0", "v0.10.0"); err != nil {
		t.Fatal(err)
	}
	// The toolchain of the harness itself, which a test's go.mod may be newer than.
	env := []string{"GOWEAVE=" + goweave}
	command(env, goweave, "fmt", "--check", "instrumentation/semaphore/weave.yaml")
	command(env, "go", "vet", "./instrumentation/semaphore")
	command(env, "go", "test", "-run", "TestCatalogue/semaphore", "./instrumentation/internal/weavetest")
	// Its hook is called.
	edit("instrumentation/internal/weavetest/testdata/semaphore/main.go", `_ "golang.org/x/sync/semaphore"`, `"context"; "golang.org/x/sync/semaphore"`)
	edit("instrumentation/internal/weavetest/testdata/semaphore/main.go", `fmt.Println("nothing is called yet")`,
		`fmt.Println(semaphore.NewWeighted(2).Acquire(context.Background(), 1))`)
	edit("instrumentation/internal/weavetest/catalogue_semaphore_test.go", `name: "all"`, `name: "all", tree: "Acquire (client)\n"`)
	command(env, "go", "test", "-run", "TestCatalogue/semaphore", "./instrumentation/internal/weavetest")
	command(env, "go", "test", "-run", "TestCurrent|TestEveryFolder", "./instrumentation/internal/catalogue")
	for _, file := range []string{"docs/catalogue.md", "rules/private/catalogue.bzl"} {
		edit(file, "golang.org/x/sync", "golang.org/x/sync")
	}
	edit("README.md", "[semaphore](docs/catalogue.md#semaphore)", "")
	edit("docs/catalogue.md", "`golang.org/x/sync` 0.10.0, 0.20.0", "")

	if err := create(dir, "semaphore", "golang.org/x/sync", ""); err == nil || !strings.Contains(err.Error(), "is there already") {
		t.Errorf("a second one: %v", err)
	}
	// Of generic types, too; and better of what is called than of what makes it.
	if err := create(dir, "gobreaker", "github.com/sony/gobreaker/v2@v2.4.0", "v2.0.0"); err != nil {
		t.Fatal(err)
	}
	edit("instrumentation/gobreaker/weave.yaml", `function: State, receiver: "*DistributedCircuitBreaker"`, `function: Execute, receiver: "*CircuitBreaker"`)
	edit("instrumentation/internal/weavetest/testdata/gobreaker/main.go", `_ "github.com/sony/gobreaker/v2"`, `"github.com/sony/gobreaker/v2"`)
	edit("instrumentation/internal/weavetest/testdata/gobreaker/main.go", `fmt.Println("nothing is called yet")`,
		`defer func() { fmt.Println(recover()) }(); gobreaker.NewCircuitBreaker[int](gobreaker.Settings{}).Execute(func() (int, error) { panic("no") })`)
	edit("instrumentation/internal/weavetest/catalogue_gobreaker_test.go", `name: "all"`, `name: "all", tree: "State (client) error string\n"`)
	command(env, "go", "test", "-run", "TestCatalogue/gobreaker", "./instrumentation/internal/weavetest", "-args", "-update")

	for _, c := range []struct{ name, module, want string }{
		{"Wrong-name", "golang.org/x/sync", "is no name of a folder"},
		{"absent", "golang.org/x/sync@v0.0.0-none", "go get golang.org/x/sync@v0.0.0-none"},
	} {
		if err := create(dir, c.name, c.module, ""); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of %s: %v", c.name, c.module, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "instrumentation", c.name)); err == nil {
			t.Errorf("instrumentation/%s is left", c.name)
		}
	}
}
