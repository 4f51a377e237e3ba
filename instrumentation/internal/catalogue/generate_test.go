package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
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

// notBetween are folders of which versions between the oldest and the newest one have not been tried. One that is added is tried.
var notBetween = []string{
	"amqp", "anthropic", "asynq", "aws", "elasticsearch", "franz_go", "gocql", "gomemcache", "google_genai", "kafka_go",
	"mcp", "mcp_go", "mongo", "nats", "ollama", "openai", "pgx", "redigo", "redis", "rueidis", "sarama",
}

// TestBetweenRows holds that versions between were tried of every library, and that docs/catalogue.md has what came of it.
func TestBetweenRows(t *testing.T) {
	all, err := read(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range all {
		if len(e.tried) == 0 {
			continue
		}
		if without := slices.Contains(notBetween, e.folder); without != (e.between.Date == "") {
			t.Errorf("instrumentation/%s: it is in notBetween: %v, and was tried on %q\nhelp: ./dev test catalogue --all %s", e.folder, without, e.between.Date, e.folder)
		}
	}
}
