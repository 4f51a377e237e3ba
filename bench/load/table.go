package main

import (
	"fmt"
	"html/template"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
)

// row is one number of the result.
type row struct {
	Variant string  `json:"variant"`
	Row     string  `json:"row"`
	Value   float64 `json:"value"`
}

// table is the result: a column for each variant.
type table struct{ variants []*variant }

// names returns the rows in their order: by path, then the process, then by stage.
func (t table) names() (all []string) {
	for _, path := range paths {
		for _, what := range []string{"CPU seconds per 100,000", "allocations", "requests/s", "spans"} {
			all = append(all, path+", "+what)
		}
	}
	all = append(all, "spans lost, %", "resident memory, MB", "resident memory after the stages, MB", "binary, stripped, MB", "start until it listens, ms")
	for _, stage := range []string{"up", "hold", "down", "spike"} {
		for _, what := range []string{"requests", "p50 ms", "p95 ms", "p99 ms", "max ms"} {
			all = append(all, stage+", "+what)
		}
	}
	return slices.DeleteFunc(all, func(name string) bool {
		return !slices.ContainsFunc(t.variants, func(v *variant) bool { _, ok := v.rows[name]; return ok })
	})
}

func (t table) rows() (all []row) {
	for _, name := range t.names() {
		for _, v := range t.variants {
			if value, ok := v.rows[name]; ok {
				all = append(all, row{v.name, name, value})
			}
		}
	}
	return all
}

// number is a value with as many digits as say something.
func number(value float64) string {
	switch {
	case value == 0:
		return "0"
	case value < 10:
		return fmt.Sprintf("%.2f", value)
	case value < 1000:
		return fmt.Sprintf("%.1f", value)
	}
	return fmt.Sprintf("%.0f", value)
}

func (t table) print(w io.Writer) {
	fmt.Fprintf(w, "%-40s", "")
	for _, v := range t.variants {
		fmt.Fprintf(w, " %12s", v.title)
	}
	fmt.Fprintln(w)
	for _, name := range t.names() {
		fmt.Fprintf(w, "%-40s", name)
		for _, v := range t.variants {
			fmt.Fprintf(w, " %12s", number(v.rows[name]))
		}
		fmt.Fprintln(w)
	}
}

// The marks in a page, between which the table is.
const beginMark, endMark = "<!-- load: made by ./dev bench load --page docs/performance.md -->", "<!-- end of the load -->"

// write writes the table into a page.
func (t table) write(page, command string) error {
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, rest, begins := strings.Cut(string(text), beginMark)
	_, after, ends := strings.Cut(rest, endMark)
	if !begins || !ends {
		return fmt.Errorf("%s has no marks for the table: %s and %s", page, beginMark, endMark)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s\n\n%s, %s/%s, %d processors; %s.\n\n|", before, beginMark, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), command)
	for _, v := range t.variants {
		fmt.Fprintf(&b, " | %s", v.title)
	}
	fmt.Fprintf(&b, " |\n|---%s|\n", strings.Repeat("|---", len(t.variants)))
	for _, name := range t.names() {
		fmt.Fprintf(&b, "| %s", name)
		for _, v := range t.variants {
			fmt.Fprintf(&b, " | %s", number(v.rows[name]))
		}
		b.WriteString(" |\n")
	}
	fmt.Fprintf(&b, "\n%s%s", endMark, after)
	return os.WriteFile(page, []byte(b.String()), 0o644)
}

var drawing = template.Must(template.New("").Parse(`<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Under load</title>
<style>
:root { color-scheme: light dark; font: 14px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
section { margin: 1.2rem 0; break-inside: avoid; }
h2 { font-size: 1rem; margin: 0 0 .3rem; }
div.bar { display: grid; grid-template-columns: 7rem 1fr; align-items: center; }
div.bar div { background: #4477aa; color: #fff; padding: 0 .4rem; white-space: nowrap; min-width: 0; overflow: visible; }
div.bar div.woven { background: #228833; }
</style>
<h1>Under load</h1><p>{{.Command}}</p>
{{range .Groups}}<section><h2>{{.Name}}</h2>
{{range .Bars}}<div class="bar"><span>{{.Title}}</span><div class="{{.Variant}}" style="width:{{.Percent}}%">{{.Text}}</div></div>
{{end}}</section>
{{end}}</html>
`))

// draw writes a page of bars, a group for each row.
func (t table) draw(file, command string) error {
	type bar struct {
		Title, Variant, Text string
		Percent              float64
	}
	type group struct {
		Name string
		Bars []bar
	}
	var groups []group
	for _, name := range t.names() {
		most := 0.0
		for _, v := range t.variants {
			most = max(most, v.rows[name])
		}
		if most == 0 {
			continue
		}
		g := group{Name: name}
		for _, v := range t.variants {
			g.Bars = append(g.Bars, bar{v.title, v.name, number(v.rows[name]), 100 * v.rows[name] / most})
		}
		groups = append(groups, g)
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := drawing.Execute(out, map[string]any{"Command": command, "Groups": groups}); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
