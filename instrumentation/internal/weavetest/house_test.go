package weavetest

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// foreign lists what the packages of instrumentation/ import that belongs neither to the standard library, nor to OpenTelemetry's API,
// nor to us: "PACKAGE imports PATH".
func foreign(t *testing.T, allowed []string, patterns ...string) (packages int, found []string) {
	cmd := exec.Command("go", append([]string{"list", "-e", "-json=ImportPath,Imports"}, patterns...)...)
	cmd.Dir = Root()
	out, err := output(cmd)
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages, found
		} else if err != nil {
			t.Fatal(err)
		}
		packages++
		for _, path := range p.Imports {
			first, _, _ := strings.Cut(path, "/")
			within := func(root string) bool { return path == root || strings.HasPrefix(path, root+"/") }
			sdk := within("go.opentelemetry.io/otel/sdk") || within("go.opentelemetry.io/otel/exporters")
			if strings.Contains(first, ".") && (sdk || !slices.ContainsFunc(allowed, within)) {
				found = append(found, p.ImportPath+" imports "+path)
			}
		}
	}
}

// TestHooksNameNoLibrary holds what lets instrumentations of any library be in one module: none of them brings a requirement of its own.
func TestHooksNameNoLibrary(t *testing.T) {
	api := []string{module, "go.opentelemetry.io/otel"}
	// The harness is no instrumentation: it reads OTLP.
	below, err := exec.Command("go", "list", "-C", Root(), "./instrumentation/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	packages := slices.DeleteFunc(strings.Fields(string(below)), func(p string) bool { return strings.Contains(p, "/internal/weavetest") })
	n, found := foreign(t, api, packages...)
	if n < 6 {
		t.Errorf("only %d packages", n)
	}
	for _, fault := range found {
		t.Errorf("%s\nhelp: what needs the types of a library is an adapter: a Go file beside weave.yaml that a rule names by `file`", fault)
	}
	// The control is the harness.
	if _, found := foreign(t, append(api, "google.golang.org/protobuf"), module+"/instrumentation/internal/weavetest"); len(found) == 0 {
		t.Error("the control finds nothing")
	}
}
