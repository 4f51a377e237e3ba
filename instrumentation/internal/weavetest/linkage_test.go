package weavetest

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// TestLinkage builds programs with and without cgo, one by one and all at once: the woven ones are linked as the plain ones are, and so
// have the same C library or none, the same resolver and users, and are told of a deadlock alike.
func TestLinkage(t *testing.T) {
	goweave, err := Find(Root())
	if err != nil {
		t.Fatal(err)
	}
	// What a program needs to be loaded, where there is cgo.
	programs := map[string]bool{"bare": false, "named": true, "users": true, "made": true}
	build := func(cgo, dir string, command ...string) {
		if err := os.Mkdir(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(command[0], append(command[1:], "-o", dir+"/", "./...")...)
		if filepath.Base(dir) == "alone" {
			cmd.Args[len(cmd.Args)-1] = "./bare"
		}
		cmd.Dir = filepath.Join(Root(), "instrumentation/internal/weavetest/testdata/linkage")
		cmd.Env = append(cmd.Environ(), "GOWEAVE_MODULES="+Root(), "CGO_ENABLED="+cgo)
		if _, err := output(cmd); err != nil {
			t.Fatal(err)
		}
	}
	for _, cgo := range []string{"0", "1"} {
		dir := t.TempDir()
		build(cgo, filepath.Join(dir, "plain"), "go", "build")
		build(cgo, filepath.Join(dir, "woven"), goweave, "go", "build")
		build(cgo, filepath.Join(dir, "alone"), goweave, "go", "build", "-tags=some,other")
		for program, dynamic := range programs {
			plain, woven := filepath.Join(dir, "plain", program), filepath.Join(dir, "woven", program)
			needs, got := loaded(t, plain), loaded(t, woven)
			if (len(needs) > 0) != (dynamic && cgo == "1") || !slices.Equal(needs, got) {
				t.Errorf("CGO_ENABLED=%s %s: plain needs %q, woven %q", cgo, program, needs, got)
			}
			env := []string{}
			if program != "bare" {
				env = append(env, "GODEBUG=netdns=1")
			}
			if want, got := run(t, plain, "", env...), run(t, woven, "", append(env, "OTEL_SDK_DISABLED=true")...); want.normal() != got.normal() {
				t.Errorf("CGO_ENABLED=%s %s: plain %+v\nwoven %+v", cgo, program, want, got)
			}
		}
		if got := loaded(t, filepath.Join(dir, "alone", "bare")); len(got) > 0 {
			t.Errorf("CGO_ENABLED=%s: bare alone needs %q", cgo, got)
		}
		// The hooks are there, and find their collector without the C library.
		c := NewCollector()
		run(t, filepath.Join(dir, "alone", "bare"), "", "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
		if got := c.text(); got != "SELECT (client) error *errors.errorString\n" {
			t.Errorf("CGO_ENABLED=%s: tree\n%s", cgo, got)
		}
		c.Close()
	}
}

// loaded lists what the system's loader loads for a program, and the loader.
func loaded(t *testing.T, program string) []string {
	t.Helper()
	f, err := elf.Open(program)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := f.ImportedLibraries()
	if err != nil {
		t.Fatal(err)
	}
	if loader := f.Section(".interp"); loader != nil {
		b, err := loader.Data()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(b))
	}
	return all
}
