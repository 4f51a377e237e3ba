package weavetest

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// exportData compiles a std package, with an overlay if there is one, and returns what its dependents compile against.
func exportData(t *testing.T, w *Weaver, pkg string, overlay map[string]string) []byte {
	t.Helper()
	// Without -trimpath the names of the files are those of the overlay.
	args := []string{"list", "-export", "-trimpath", "-f", "{{.Export}}"}
	if overlay != nil {
		b, err := json.Marshal(map[string]any{"Replace": overlay})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "overlay.json")
		if err := os.WriteFile(file, b, 0o666); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-overlay", file)
	}
	cmd := exec.Command(w.Go, append(args, pkg)...)
	cmd.Dir, cmd.Env = w.Dir, w.Env()
	out, err := output(cmd)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(strings.TrimSpace(out))
	if err != nil {
		t.Fatal(err)
	}
	_, data, ok := bytes.Cut(b, []byte("\n$$B\n"))
	data, _, end := bytes.Cut(data, []byte("\n$$\n"))
	if !ok || !end {
		t.Fatalf("%s: no export data", pkg)
	}
	return data
}

// TestExportData checks that what dependents compile against is the same, byte for byte, in a woven package, with the oldest Go, the newest and
// that on PATH. With those between, ./dev test --matrix has Bazel compare it.
func TestExportData(t *testing.T) {
	toolchains := []string{"", "go1.24.0", "go1.27.3"}
	if one := os.Getenv("WEAVETEST_TOOLCHAIN"); one != "" {
		toolchains = []string{one}
	}
	for _, toolchain := range toolchains {
		t.Run("go"+strings.TrimPrefix(toolchain, "go"), func(t *testing.T) {
			w, err := New(t.TempDir(), toolchain)
			if err != nil {
				t.Fatal(err)
			}
			overlay, err := w.Overlay()
			if err != nil {
				t.Fatal(err)
			}
			for _, in := range All {
				if in.Modules != nil {
					continue // dependents are compiled against the woven package
				}
				for _, pkg := range in.Packages {
					plain := exportData(t, w, pkg, nil)
					only := map[string]string{}
					for k, v := range overlay {
						if filepath.Dir(k) == filepath.Join(w.Goroot, "src", pkg) {
							only[k] = v
						}
					}
					if !bytes.Equal(plain, exportData(t, w, pkg, only)) {
						t.Errorf("%s: the export data differs", pkg)
					}
				}
			}
			// The control: one more function makes a difference.
			extra := filepath.Join(w.Goroot, "src/database/sql/zz_weave.go")
			text, err := os.ReadFile(overlay[extra])
			if err != nil {
				t.Fatal(err)
			}
			changed := filepath.Join(t.TempDir(), "zz_weave.go")
			if err := os.WriteFile(changed, append(text, "\nfunc weaveControl() {}\n"...), 0o666); err != nil {
				t.Fatal(err)
			}
			if bytes.Equal(exportData(t, w, "database/sql", nil), exportData(t, w, "database/sql", map[string]string{extra: changed})) {
				t.Error("the control does not differ")
			}
		})
	}
}
