package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	nameWidth = 58
	barWidth  = 24
)

// style holds the escape sequences of a terminal, or empty strings.
type style struct{ bold, dim, red, reset string }

func styleFor(terminal bool) style {
	if !terminal {
		return style{}
	}
	return style{bold: "\x1b[1m", dim: "\x1b[2m", red: "\x1b[31m", reset: "\x1b[0m"}
}

// writeTree prints a trace: a line for each span, below the one that caused it, with a bar that shows when it ran.
func writeTree(w io.Writer, trace *Trace, s style) {
	fmt.Fprintf(w, "%strace %s%s  %d spans, %s\n", s.bold, trace.ID, s.reset, trace.Spans, short(trace.Duration()))
	for _, root := range trace.Roots {
		writeNode(w, trace, root, "", "", s)
	}
}

// writeSingles names the traces of one span, in as few lines as they have services.
func writeSingles(w io.Writer, traces []*Trace) {
	var services []string
	names := map[string][]string{}
	for _, trace := range traces {
		root := trace.Roots[0]
		if names[root.Service] == nil {
			services = append(services, root.Service)
		}
		if list := names[root.Service]; len(list) == 0 || list[len(list)-1] != root.Name {
			names[root.Service] = append(list, root.Name)
		}
	}
	plural := "s"
	if len(traces) == 1 {
		plural = ""
	}
	fmt.Fprintf(w, "%d trace%s of one span, of work that no request caused\n", len(traces), plural)
	for _, service := range services {
		fmt.Fprintf(w, "%s  %s\n", service, strings.Join(names[service], ", "))
	}
}

func writeNode(w io.Writer, trace *Trace, node *Node, first, rest string, s style) {
	label := first + node.Service + "  " + node.Name
	color := ""
	if node.Status == "error" {
		color = s.red
	}
	fmt.Fprintf(w, "%s%s%s %-8s %9s %s%s%s", color, fit(label, nameWidth), s.reset, node.Kind, short(node.End.Sub(node.Start)),
		s.dim, bar(trace, node), s.reset)
	if note := node.note(); note != "" {
		fmt.Fprintf(w, " %s%s%s", color, clip(note, 72), s.reset)
	}
	fmt.Fprintln(w)
	for i, child := range node.Children {
		if i == len(node.Children)-1 {
			writeNode(w, trace, child, rest+"└─ ", rest+"   ", s)
		} else {
			writeNode(w, trace, child, rest+"├─ ", rest+"│  ", s)
		}
	}
}

// bar places a span in its trace's time, at least one cell long.
func bar(trace *Trace, node *Node) string {
	from, to := place(trace, node)
	start := min(int(from*barWidth), barWidth-1)
	length := max(min(int((to-from)*barWidth+0.5), barWidth-start), 1)
	return "▕" + strings.Repeat(" ", start) + strings.Repeat("━", length) + strings.Repeat(" ", barWidth-start-length) + "▏"
}

// place returns a span's start and end as parts of its trace.
func place(trace *Trace, node *Node) (from, to float64) {
	total := float64(trace.Duration())
	if total <= 0 {
		return 0, 1
	}
	return float64(node.Start.Sub(trace.Start)) / total, float64(node.End.Sub(trace.Start)) / total
}

func short(d time.Duration) string {
	switch {
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d >= time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%d µs", d.Microseconds())
}

// fit pads or clips a text to a width.
func fit(text string, width int) string {
	text = clip(text, width)
	return text + strings.Repeat(" ", width-utf8.RuneCountInString(text))
}

func clip(text string, width int) string {
	if utf8.RuneCountInString(text) <= width {
		return text
	}
	return string([]rune(text)[:width-1]) + "…"
}
