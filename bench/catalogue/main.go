// Catalogue measures what libraries cost in a woven program: beside the plain one, and beside one that is instrumented by hand. A row is
// what is added to the plain program, woven and by hand, so that one divided by the other is the ratio.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/rules-go-weave/rules_go_weave/bench/catalogue/work"
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
	goweave := flag.String("goweave", "goweave", "the weaver")
	rounds := flag.Int("rounds", 5, "runs of each program, of which the best counts")
	thousands := flag.Int("size", 5, "size of a run")
	flag.Parse()
	dir, err := os.MkdirTemp("", "bench-catalogue-")
	check(err)
	defer os.RemoveAll(dir)
	sink := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.Copy(io.Discard, r.Body) }))
	defer sink.Close()
	build := func(name, pkg string, command ...string) string {
		out := filepath.Join(dir, name)
		fmt.Fprintln(os.Stderr, "building", name)
		cmd := exec.Command(command[0], append(command[1:], "build", "-ldflags=-s -w", "-o", out, pkg)...)
		cmd.Stderr = os.Stderr
		check(cmd.Run())
		return out
	}
	woven := build("woven", "./program", *goweave, "go")
	variants := []struct {
		name, program string
		env           []string
	}{
		{"plain", build("plain", "./program", "go"), nil},
		{"disabled", woven, []string{"OTEL_SDK_DISABLED=true"}},
		{"woven", woven, nil},
		{"by hand", build("byhand", "./byhand", "go"), nil},
	}
	best := map[string]map[string]work.Result{}
	var workloads []string
	for round := range *rounds {
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
				b.CPU, b.Allocs = min(b.CPU, r.CPU), min(b.Allocs, r.Allocs)
				best[v.name][r.Name] = b
				if round == 0 && v.name == "plain" {
					workloads = append(workloads, r.Name)
				}
			}
		}
	}
	var rows []row
	for _, w := range workloads {
		plain, disabled, woven, byHand := best["plain"][w], best["disabled"][w], best["woven"][w], best["by hand"][w]
		rows = append(rows,
			row{w + ", disabled, beside plain, CPU", disabled.CPU, "ns", plain.CPU},
			row{w + ", disabled, beside plain, allocations", disabled.Allocs, "", plain.Allocs},
			row{w + ", added to plain, beside by hand, CPU", woven.CPU - plain.CPU, "ns", byHand.CPU - plain.CPU},
			row{w + ", added to plain, beside by hand, allocations", woven.Allocs - plain.Allocs, "", byHand.Allocs - plain.Allocs})
	}
	if *asJSON {
		check(json.NewEncoder(os.Stdout).Encode(map[string][]row{"rows": rows}))
		return
	}
	fmt.Printf("%-60s %12s %12s %6s\n", "", "woven", "baseline", "ratio")
	for _, r := range rows {
		ratio := ""
		if r.Baseline > 0 {
			ratio = fmt.Sprintf("%.2f", r.Value/r.Baseline)
		}
		fmt.Printf("%-60s %12.1f %12.1f %6s %s\n", r.Name, r.Value, r.Baseline, ratio, r.Unit)
	}
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
