package e2e

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shopSpan is a span as `./dev demo --json` prints it.
type shopSpan struct {
	Name       string         `json:"name"`
	Kind       string         `json:"kind"`
	Service    string         `json:"service"`
	Trace      string         `json:"trace_id"`
	ID         string         `json:"span_id"`
	Parent     string         `json:"parent_id"`
	Status     string         `json:"status"`
	Start      string         `json:"start"`
	Attributes map[string]any `json:"attributes"`
}

// TestShop runs the demo over SQLite and over PostgreSQL. One order must be one tree: client, server, client, server, SQL.
func TestShop(t *testing.T) {
	const order = `client shopper POST 201
  server storefront POST /orders 201
    client storefront GET 200
      server inventory GET /items/{sku} 200
        client inventory SELECT items "SELECT sku, name, cents, stock FROM items WHERE sku = $1"
    client storefront POST 201
      server inventory POST /reservations 201
        client inventory BEGIN
        client inventory SELECT items "SELECT stock FROM items WHERE sku = $1%[1]s"
        client inventory UPDATE items "UPDATE items SET stock = stock - $1 WHERE sku = $2"
        client inventory INSERT reservations "INSERT INTO reservations (sku, quantity) VALUES ($1, $2) RETURNING id"
        client inventory COMMIT
`
	for _, c := range []struct {
		system string
		lock   string // how this database locks the row that the order changes
		args   []string
	}{
		{"sqlite", "", []string{"demo", "--json"}},
		{"postgresql", " FOR UPDATE", []string{"demo", "--json", "--postgres"}},
	} {
		t.Run(c.system, func(t *testing.T) {
			cmd := exec.Command(filepath.Join(repo(t), "dev"), c.args...)
			var errs strings.Builder
			cmd.Stderr = &errs
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, tail(errs.String()))
			}
			var doc struct {
				Spans []shopSpan `json:"spans"`
			}
			if err := json.Unmarshal(out, &doc); err != nil {
				t.Fatal(err)
			}
			trees := shopTrees(doc.Spans)
			if !slices.Contains(trees, fmt.Sprintf(order, c.lock)) {
				t.Errorf("no trace is an order:\n%s", strings.Join(trees, "\n"))
			}
			for _, s := range doc.Spans {
				if got := s.Attributes["db.system.name"]; s.Attributes["db.operation.name"] != nil && got != c.system {
					t.Errorf("%s is of the database %v", s.Name, got)
				}
			}
		})
	}
}

// shopTrees writes each trace as an indented tree, without ids and times; spans of one parent in their order of time.
func shopTrees(spans []shopSpan) []string {
	slices.SortStableFunc(spans, func(a, b shopSpan) int { return strings.Compare(a.Start, b.Start) })
	var below func(b *strings.Builder, trace, parent, indent string)
	below = func(b *strings.Builder, trace, parent, indent string) {
		for _, s := range spans {
			if s.Trace != trace || s.Parent != parent {
				continue
			}
			fmt.Fprintf(b, "%s%s %s %s", indent, s.Kind, s.Service, s.Name)
			if status := s.Attributes["http.response.status_code"]; status != nil {
				fmt.Fprintf(b, " %v", status)
			}
			if text := s.Attributes["db.query.text"]; text != nil {
				fmt.Fprintf(b, " %q", text)
			}
			b.WriteString("\n")
			below(b, trace, s.ID, indent+"  ")
		}
	}
	var trees []string
	seen := map[string]bool{}
	for _, s := range spans {
		if !seen[s.Trace] {
			seen[s.Trace] = true
			var b strings.Builder
			below(&b, s.Trace, "", "")
			trees = append(trees, b.String())
		}
	}
	return trees
}
