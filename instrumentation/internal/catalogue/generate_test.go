package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../../.."

// TestCurrent holds that the files are what the folders make: a folder that was added has a row.
func TestCurrent(t *testing.T) {
	files, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if got, err := os.ReadFile(filepath.Join(root, f.path)); !bytes.Equal(got, f.text) {
			t.Errorf("%s is not what the folders of instrumentation/ make (%v)\nhelp: run ./dev generate", f.path, err)
		}
	}
}

// TestEveryFolder holds that a folder of hooks is one with rules, and that its settings are explained.
func TestEveryFolder(t *testing.T) {
	all, err := read(root)
	if err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob(root + "/instrumentation/*/BUILD.bazel")
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) != len(all) {
		t.Errorf("%d folders have a BUILD.bazel, and %d have rules", len(folders), len(all))
	}
	known, err := os.ReadFile(root + "/runtime/internal/env/table.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		for _, s := range e.Settings {
			if !strings.Contains(string(known), `"`+s+`"`) {
				t.Errorf("instrumentation/%s/about.json: runtime/internal/env/table.go does not explain %s", e.folder, s)
			}
		}
	}
}
