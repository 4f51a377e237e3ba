// Runtime measures what weaving costs a program when it runs: beside the plain program, and beside the same program
// instrumented by hand with otelhttp, otelsql and OpenTelemetry's exporter.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/rules-go-weave/rules_go_weave/bench/runtime/work"
)

// row is one line of the result.
type row struct {
	Name     string  `json:"name"`
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`
	Baseline float64 `json:"baseline"`
}

func main() {
	asJSON := flag.Bool("json", false, "print JSON")
	page := flag.String("page", "", "write the table into this page, between its marks")
	goweave := flag.String("goweave", "goweave", "the weaver")
	rounds := flag.Int("rounds", 5, "runs of each program, of which the best counts")
	thousands := flag.Int("size", 5, "size of a run")
	flag.Parse()
	dir, err := os.MkdirTemp("", "bench-runtime-")
	check(err)
	defer os.RemoveAll(dir)
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	defer sink.Close()

	build := func(name, pkg string, command ...string) string {
		out := filepath.Join(dir, name)
		fmt.Fprintln(os.Stderr, "building", name)
		// Stripped, as programs are shipped: no measurement depends on it.
		cmd := exec.Command(command[0], append(command[1:], "-ldflags=-s -w", "-o", out, pkg)...)
		cmd.Stderr = os.Stderr
		check(cmd.Run())
		return out
	}
	plain := build("plain", "./program", "go", "build")
	woven := build("woven", "./program", *goweave, "go", "build")
	byHand := build("byhand", "./byhand", "go", "build")
	probe := build("probe", "./probe", "go", "build")
	wovenProbe := build("probe.woven", "./probe", *goweave, "go", "build")
	start := build("start", "./start", "go", "build")
	wovenStart := build("start.woven", "./start", *goweave, "go", "build")
	wovenTraces := build("start.traces", "./start", *goweave, "go", "build", "-tags=weave_no_metrics")

	type variant struct {
		name, program string
		env           []string
	}
	variants := []variant{
		{"plain", plain, nil},
		{"disabled", woven, []string{"OTEL_SDK_DISABLED=true"}},
		{"unsampled", woven, []string{"OTEL_TRACES_SAMPLER=always_off", "OTEL_METRICS_EXPORTER=none"}},
		{"unsampled by hand", byHand, []string{"OTEL_TRACES_SAMPLER=always_off", "OTEL_METRICS_EXPORTER=none"}},
		{"recorded", woven, []string{"OTEL_METRICS_EXPORTER=none"}},
		{"recorded by hand", byHand, []string{"OTEL_METRICS_EXPORTER=none"}},
		{"measured", woven, nil},
		{"measured by hand", byHand, nil},
	}
	best := map[string]map[string]work.Result{}
	for range *rounds {
		for _, v := range variants {
			cmd := exec.Command(v.program, fmt.Sprint(*thousands))
			cmd.Env = append(append(os.Environ(), "OTEL_EXPORTER_OTLP_ENDPOINT="+sink.URL), v.env...)
			cmd.Stderr = os.Stderr
			out, err := cmd.Output()
			check(err)
			var results []work.Result
			check(json.Unmarshal(out, &results))
			for _, r := range results {
				if best[v.name] == nil {
					best[v.name] = map[string]work.Result{}
				}
				b, known := best[v.name][r.Name]
				if !known {
					b = r
				}
				b.Wall, b.CPU, b.Allocs, b.Bytes = min(b.Wall, r.Wall), min(b.CPU, r.CPU), min(b.Allocs, r.Allocs), min(b.Bytes, r.Bytes)
				best[v.name][r.Name] = b
			}
		}
	}

	var rows []row
	add := func(name, unit string, value, baseline float64) {
		rows = append(rows, row{name, value, unit, baseline})
	}
	// CPU time, of which other programs on the machine take nothing.
	cpu := func(workload, name, value, baseline string) {
		add(name, "ns", best[value][workload].CPU, best[baseline][workload].CPU)
	}
	both := func(workload, name, value, baseline string) {
		add(name+", CPU", "ns", best[value][workload].CPU, best[baseline][workload].CPU)
		add(name+", allocations", "", best[value][workload].Allocs, best[baseline][workload].Allocs)
	}
	cpu("call", "woven call with its hook nil, beside plain, CPU", "disabled", "plain")
	cpu("goroutine", "goroutine started and ended, disabled, beside plain, CPU", "disabled", "plain")
	cpu("goroutine", "goroutine started and ended, beside plain, CPU", "recorded", "plain")
	wovenProbes, probes := numbers(wovenProbe, *rounds), numbers(probe, *rounds)
	add("trace.SpanFromContext without a span, beside plain", "ns", wovenProbes[0], probes[0])
	add("the goroutine's slots read, beside a call of nothing", "ns", wovenProbes[1], probes[1])
	for _, workload := range []string{"statement", "statement in a request", "server request", "client request"} {
		both(workload, workload+", disabled, beside plain", "disabled", "plain")
		both(workload, workload+", not sampled, beside plain", "unsampled", "plain")
		both(workload, workload+", not sampled, beside by hand", "unsampled", "unsampled by hand")
		both(workload, workload+", recorded, beside by hand", "recorded", "recorded by hand")
		both(workload, workload+", recorded and measured, beside by hand", "measured", "measured by hand")
	}
	add("start and end of a program with net/http, beside plain, CPU", "ns", least(wovenStart, 20**rounds), least(start, 20**rounds))
	add("size of a program with net/http, stripped, beside plain", "bytes", size(wovenStart), size(start))
	add("size of a program with net/http without metrics, stripped, beside plain", "bytes", size(wovenTraces), size(start))
	add("size of a program with net/http and database/sql, stripped, beside plain", "bytes", size(woven), size(plain))
	add("size of a program with net/http and database/sql, stripped, beside by hand", "bytes", size(woven), size(byHand))

	if *page != "" {
		check(write(*page, *rounds, rows))
	}
	if *asJSON {
		check(json.NewEncoder(os.Stdout).Encode(map[string][]row{"rows": rows}))
		return
	}
	width := 0
	for _, r := range rows {
		width = max(width, len(r.Name))
	}
	fmt.Printf("%-*s %12s %12s\n", width, "", "woven", "baseline")
	for _, r := range rows {
		fmt.Println(strings.TrimRight(fmt.Sprintf("%-*s %12.1f %12.1f %s", width, r.Name, r.Value, r.Baseline, r.Unit), " "))
	}
}

// least is the least CPU time, in nanoseconds, that a program takes to begin and to end.
func least(program string, times int) float64 {
	best := math.Inf(1)
	for range times {
		cmd := exec.Command(program)
		check(cmd.Run())
		best = min(best, float64(cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()))
	}
	return best
}

// The marks in a page, between which the table is.
const beginMark, endMark = "<!-- table: made by ./dev bench runtime --page docs/performance.md -->", "<!-- end of the table -->"

// write writes rows into a page.
func write(page string, rounds int, rows []row) error {
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
	fmt.Fprintf(&b, "%s%s\n\n%s, %s/%s, %d processors, %d runs.\n\n| | woven | beside | added |\n|---|---|---|---|\n", before, beginMark, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), rounds)
	for _, r := range rows {
		number := func(f float64) string { return strings.TrimSpace(fmt.Sprintf("%.*f %s", decimals(r.Unit), f, r.Unit)) }
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.Name, number(r.Value), number(r.Baseline), number(r.Value-r.Baseline))
	}
	fmt.Fprintf(&b, "\n%s%s", endMark, after)
	return os.WriteFile(page, []byte(b.String()), 0o644)
}

// decimals is how many digits of a number with this unit say something.
func decimals(unit string) int {
	if unit == "bytes" {
		return 0
	}
	return 1
}

// numbers are the least that a program prints.
func numbers(program string, rounds int) []float64 {
	var least []float64
	for range rounds {
		cmd := exec.Command(program)
		cmd.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=none")
		out, err := cmd.Output()
		check(err)
		var all []float64
		check(json.Unmarshal(out, &all))
		if least == nil {
			least = all
		}
		for i, f := range all {
			least[i] = min(least[i], f)
		}
	}
	return least
}

func size(file string) float64 {
	info, err := os.Stat(file)
	check(err)
	return float64(info.Size())
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
