// Command scale measures what weaving costs Bazel in a large repository, which it generates: analysis, heap, the action graph, and
// builds from a cache that knows the plain build. Plain and woven builds take turns in one run. CPU time is that of Bazel's server
// and of all actions that it ran.
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

var (
	dev      = flag.String("dev", "../../dev", "the script that runs Bazel")
	packages = flag.Int("packages", 2000, "libraries of the repository")
	binaries = flag.Int("binaries", 200, "programs of the repository")
	layers   = flag.Int("layers", 20, "layers of libraries")
	fan      = flag.Int("fan", 3, "libraries of the layer below that a library imports")
	rounds   = flag.Int("rounds", 3, "how often analysis is measured")
	analysis = flag.Bool("analysis", false, "leave the builds out")
	asJSON   = flag.Bool("json", false, "print JSON")
)

func main() {
	log.SetFlags(0)
	flag.Parse()
	if err := run(); err != nil {
		log.Fatal("scale: ", err)
	}
}

// variant is the repository built one way, with an output base of its own.
type variant struct {
	name string
	dir  string
	base string
	args []string
}

// row is one measurement; the baseline is that of the plain build.
type row struct {
	Name     string  `json:"name"`
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`
	Baseline float64 `json:"baseline"`
}

func run() error {
	work, err := os.MkdirTemp("", "scale")
	if err != nil {
		return err
	}
	cache := filepath.Join(work, "cache")
	// Both see the same sources at the same place, so that caches serve both.
	dir := filepath.Join(work, "mono")
	variants := []*variant{
		{name: "plain", dir: dir, base: filepath.Join(work, "plain")},
		{name: "woven", dir: dir, base: filepath.Join(work, "woven"), args: []string{"--config=weave"}},
	}
	remove := func() {
		for _, v := range variants {
			_, _ = v.bazel("shutdown")
		}
		_ = exec.Command("chmod", "-R", "u+w", work).Run()
		_ = os.RemoveAll(work)
	}
	defer remove()
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-interrupted
		remove()
		os.Exit(130)
	}()
	if err := generate(dir, shape{*packages, *binaries, *layers, *fan}); err != nil {
		return err
	}
	m := &measurements{figures: map[string][]float64{}, units: map[string]string{}}
	if err := m.analysis(variants); err != nil {
		return err
	}
	if !*analysis {
		if err := m.builds(variants, cache); err != nil {
			return err
		}
	}
	rows := m.rows(variants)
	if *asJSON {
		return json.NewEncoder(os.Stdout).Encode(map[string]any{"rows": rows})
	}
	fmt.Printf("%d libraries in %d layers, %d programs\n", *packages, *layers, *binaries)
	for _, r := range rows {
		ratio := ""
		if r.Baseline > 0 {
			ratio = fmt.Sprintf("%6.3f x", r.Value/r.Baseline)
		}
		fmt.Printf("%-44s %12.2f %-8s %s\n", r.Name, r.Value, r.Unit, ratio)
	}
	return nil
}

// bazel runs a command and returns its stdout.
func (v *variant) bazel(command string, args ...string) (string, error) {
	line := []string{"bazel", "--output_base=" + v.base, "--max_idle_secs=600", command}
	if !slices.Contains([]string{"shutdown", "clean", "info", "dump"}, command) {
		// No links into the output of one, where the other would look for packages.
		line = append(line, "--color=no", "--curses=no", "--noshow_progress", "--lockfile_mode=off", "--symlink_prefix=/")
		line = append(line, v.args...)
	}
	cmd := exec.Command(*dev, append(line, args...)...)
	cmd.Dir = v.dir
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		text := errs.String()
		return "", fmt.Errorf("%s: bazel %s %s: %w\n%s", v.name, command, strings.Join(args, " "), err, text[max(0, len(text)-4000):])
	}
	return out.String(), nil
}

// cpu is the CPU time in seconds of a command and of all that it ran.
func (v *variant) cpu(command string, args ...string) (float64, error) {
	before, err := v.server()
	if err != nil {
		return 0, err
	}
	if _, err := v.bazel(command, args...); err != nil {
		return 0, err
	}
	after, err := v.server()
	return after - before, err
}

// server is the CPU time in seconds of Bazel's server and of its ended children; it starts the server if there is none.
func (v *variant) server() (float64, error) {
	out, err := v.bazel("info", "server_pid")
	if err != nil {
		return 0, err
	}
	b, err := os.ReadFile("/proc/" + strings.TrimSpace(out) + "/stat")
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	ticks := 0
	// Behind the name stand state and parent; user, system, and these of ended children are the 12th to the 15th.
	for _, f := range fields[11:15] {
		n, err := strconv.Atoi(f)
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return float64(ticks) / 100, nil
}

// measurements are values by kind and variant.
type measurements struct {
	kinds   []string
	units   map[string]string
	figures map[string][]float64
}

func (m *measurements) add(kind, unit string, v *variant, value float64) {
	log.Printf("%s: %s: %.2f %s", v.name, kind, value, unit)
	if !slices.Contains(m.kinds, kind) {
		m.kinds = append(m.kinds, kind)
		m.units[kind] = unit
	}
	m.figures[kind+" "+v.name] = append(m.figures[kind+" "+v.name], value)
}

func (m *measurements) rows(variants []*variant) []row {
	median := func(values []float64) float64 {
		if len(values) == 0 {
			return 0
		}
		return slices.Sorted(slices.Values(values))[len(values)/2]
	}
	var rows []row
	for _, kind := range m.kinds {
		for _, v := range variants {
			r := row{Name: kind + ", " + v.name, Value: median(m.figures[kind+" "+v.name]), Unit: m.units[kind]}
			r.Baseline = median(m.figures[kind+" "+variants[0].name])
			rows = append(rows, r)
		}
	}
	return rows
}

var (
	heap   = regexp.MustCompile(`^(\d+)MB`)
	counts = regexp.MustCompile(`(?m)^(Node|Edge) count: (\d+)`)
	total  = regexp.MustCompile(`(\d+) total actions`)
)

// analysis measures a fresh server that analyses everything, repositories being there.
func (m *measurements) analysis(variants []*variant) error {
	for _, v := range variants {
		if _, err := v.bazel("build", "--nobuild", "//..."); err != nil {
			return err
		}
	}
	for range *rounds {
		for _, v := range variants {
			if _, err := v.bazel("shutdown"); err != nil {
				return err
			}
			seconds, err := v.cpu("build", "--nobuild", "//...")
			if err != nil {
				return err
			}
			m.add("analysis", "CPU s", v, seconds)
			out, err := v.bazel("info", "used-heap-size-after-gc")
			if err != nil {
				return err
			}
			megabytes, _ := strconv.ParseFloat(heap.FindStringSubmatch(strings.TrimSpace(out))[1], 64)
			m.add("heap after analysis", "MB", v, megabytes)
			again, err := v.cpu("build", "--nobuild", "//...")
			if err != nil {
				return err
			}
			m.add("analysis of nothing new", "CPU s", v, again)
		}
	}
	for _, v := range variants {
		out, err := v.bazel("dump", "--skyframe=summary")
		if err != nil {
			return err
		}
		for _, c := range counts.FindAllStringSubmatch(out, -1) {
			n, _ := strconv.ParseFloat(c[2], 64)
			m.add(strings.ToLower(c[1])+"s of the graph", "", v, n)
		}
		out, err = v.bazel("aquery", "--output=summary", "deps(//...)")
		if err != nil {
			return err
		}
		if c := total.FindStringSubmatch(out); c != nil {
			n, _ := strconv.ParseFloat(c[1], 64)
			m.add("actions", "", v, n)
		}
	}
	return nil
}

// builds measures builds from a cache that knows the plain build, of nothing new, and of one changed file.
func (m *measurements) builds(variants []*variant, cache string) error {
	plain := variants[0]
	log.Print("filling the cache by a plain build")
	if _, err := plain.bazel("build", "--disk_cache="+cache, "//..."); err != nil {
		return err
	}
	for _, v := range variants {
		if _, err := v.bazel("clean"); err != nil {
			return err
		}
		seconds, err := v.cpu("build", "--disk_cache="+cache, "//...")
		if err != nil {
			return err
		}
		m.add("build, plain one in the cache", "CPU s", v, seconds)
	}
	for range *rounds {
		for _, v := range variants {
			seconds, err := v.cpu("build", "--disk_cache="+cache, "//...")
			if err != nil {
				return err
			}
			m.add("build of nothing new", "CPU s", v, seconds)
		}
	}
	for i := range *rounds {
		// A library in the middle; its export data stay.
		n := *packages/2 + i
		path := filepath.Join(plain.dir, name(n), filepath.Base(name(n))+".go")
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, v := range variants {
			// Another text for each, or the cache would answer the second.
			changed := strings.Replace(string(text), "i % 3", fmt.Sprintf("i %% %d", 4+len(v.name+v.base)%2+2*i), 1)
			if v != plain {
				changed = strings.Replace(string(text), "i % 3", fmt.Sprintf("i %% %d", 104+2*i), 1)
			}
			if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
				return err
			}
			seconds, err := v.cpu("build", "--disk_cache="+cache, "//lib/...", "//core/...")
			if err != nil {
				return err
			}
			m.add("build of one changed file, libraries", "CPU s", v, seconds)
			more, err := v.cpu("build", "--disk_cache="+cache, "//...")
			if err != nil {
				return err
			}
			// Programs that have telemetry are larger.
			m.add("build of one changed file, and programs", "CPU s", v, seconds+more)
		}
	}
	return nil
}
