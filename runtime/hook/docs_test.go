package hook_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// examples are the pages whose Go blocks are hooks, with what stands around the blocks there.
var examples = []struct{ page, header string }{
	{"../../docs/rules.md", "func record(...any) {}\n"},
	{"../README.md", `import (
	"context"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"go.opentelemetry.io/otel/attribute"
)

type cacheClient struct{}
`},
}

// TestDocumentedHooksCompile compiles the Go blocks of the pages, all by one go command. The control is a block that names what
// package hook does not have.
func TestDocumentedHooksCompile(t *testing.T) {
	if out, err := build(t, func(string) string { return "" }); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	more := func(header string) string {
		if !strings.Contains(header, "runtime/hook") {
			return ""
		}
		return "\nvar _ = hook.NoSuchFunction\n"
	}
	if out, err := build(t, more); err == nil || !strings.Contains(out, "undefined: hook.NoSuchFunction") {
		t.Errorf("control: %v\n%s", err, out)
	}
}

// build compiles the blocks as packages of this module that exist for the go command alone, with more behind each.
func build(t *testing.T, more func(header string) string) (string, error) {
	t.Helper()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	replace := map[string]string{}
	args := []string{"build", "-overlay", filepath.Join(dir, "overlay.json")}
	for i, e := range examples {
		text, err := os.ReadFile(e.page)
		if err != nil {
			t.Fatal(err)
		}
		var blocks []string
		for _, part := range strings.Split(string(text), "```go\n")[1:] {
			block, _, _ := strings.Cut(part, "```")
			blocks = append(blocks, block)
		}
		if len(blocks) == 0 {
			t.Fatalf("%s has no Go", e.page)
		}
		// A client of a library that is an example itself.
		body := strings.ReplaceAll(strings.Join(blocks, "\n"), "*cache.Client", "*cacheClient")
		name := string(rune('a' + i))
		file := filepath.Join(dir, name+".go")
		if err := os.WriteFile(file, []byte("package "+name+"\n\n"+e.header+"\n"+body+more(e.header)), 0o644); err != nil {
			t.Fatal(err)
		}
		replace[filepath.Join(here, "docs_test_"+name, name+".go")] = file
		args = append(args, "./docs_test_"+name)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", args...).CombinedOutput()
	return string(out), err
}
