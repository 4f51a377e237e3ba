// Command gobuild measures what weaving costs a plain Go build: one application, built plain, with OpenTelemetry wired by
// hand, by goweave and by Orchestrion, in turn and in one run. CPU time is that of all processes of a build; memory is the
// largest sum of their resident sets, sampled.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// orchestrion is the release that is measured. Its integrations are modules of their own, chosen in orchestrion.tool.go; that of
// database/sql is not in reach of every module proxy, so its figures are lower bounds.
const orchestrion = "v1.15.0"

var (
	goweave    = flag.String("goweave", "goweave", "the goweave binary")
	repository = flag.String("repository", "../..", "this repository")
	rounds     = flag.Int("rounds", 1, "how often everything is measured")
	asJSON     = flag.Bool("json", false, "print JSON")
	only       = flag.String("only", "", "measure this variant alone")
	without    = flag.Bool("without-orchestrion", false, "leave Orchestrion out")
)

// building is the process group of the build that runs now, or 0.
var building atomic.Int64

// ending says that the benchmark was interrupted.
var ending atomic.Bool

// variant is one way of building the application.
type variant struct {
	name   string
	source string   // folder of testdata
	build  []string // the command, without arguments
	env    []string
	rule   string // a rule file, relative to the work folder, and a text in it that may become another
	text   string
	dir    string
}

// row is one measurement; the baseline is that of the build that a figure is to be held against.
type row struct {
	Name     string  `json:"name"`
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`
	Baseline float64 `json:"baseline"`
}

func main() {
	log.SetFlags(0)
	flag.Parse()
	if err := run(); err != nil {
		log.Fatal("gobuild: ", err)
	}
}

func run() error {
	work, err := os.MkdirTemp("", "gobuild")
	if err != nil {
		return err
	}
	remove := func() {
		// The build caches may have read-only folders.
		_ = exec.Command("chmod", "-R", "u+w", work).Run()
		_ = os.RemoveAll(work)
	}
	defer remove()
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		<-interrupted
		ending.Store(true)
		if group := int(building.Load()); group != 0 {
			_ = syscall.Kill(-group, syscall.SIGKILL)
		}
		// The tools of the build are about to end.
		time.Sleep(500 * time.Millisecond)
		remove()
		os.Exit(130)
	}()
	variants, note, err := prepare(work)
	if err != nil {
		return err
	}
	figures := map[string][]float64{}
	for round := range *rounds {
		if err := measure(variants, round, figures); err != nil {
			if ending.Load() {
				select {}
			}
			return err
		}
	}
	var rows []row
	for _, kind := range kinds {
		for _, v := range variants {
			values := figures[kind.name+" "+v.name]
			if len(values) == 0 {
				continue
			}
			base := figures[kind.name+" "+kind.baseline]
			r := row{kind.name + ", " + v.name, median(values), kind.unit, 0}
			if len(base) > 0 {
				r.Baseline = median(base)
			}
			rows = append(rows, r)
		}
	}
	if *asJSON {
		return json.NewEncoder(os.Stdout).Encode(map[string]any{"rows": rows, "note": note})
	}
	for _, r := range rows {
		ratio := ""
		if r.Baseline > 0 {
			ratio = fmt.Sprintf("%6.2f x", r.Value/r.Baseline)
		}
		fmt.Printf("%-46s %10.2f %-9s %s\n", r.Name, r.Value, r.Unit, ratio)
	}
	fmt.Println(note)
	return nil
}

// kinds are the figures, in the order of the table, and what each is compared with.
var kinds = []struct{ name, unit, baseline string }{
	{"cold", "CPU s", "by hand"},
	{"no change", "CPU s", "plain"},
	{"one line changed", "CPU s", "by hand"},
	{"one rule changed", "CPU s", ""},
	{"one rule changed, compiled", "packages", ""},
	{"peak memory, cold", "MB", "by hand"},
	{"binary", "MB", "by hand"},
	{"binary that only uses fmt", "MB", "plain"},
	{"binary that only uses fmt, differs from plain", "0 or 1", ""},
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// prepare copies the applications and the hooks' modules, and installs Orchestrion.
func prepare(work string) ([]*variant, string, error) {
	modules := filepath.Join(work, "modules")
	for _, name := range []string{"go.mod", "go.sum", "runtime", "instrumentation"} {
		if err := copyTree(filepath.Join(*repository, name), filepath.Join(modules, name)); err != nil {
			return nil, "", err
		}
	}
	binary, err := filepath.Abs(*goweave)
	if err != nil {
		return nil, "", err
	}
	variants := []*variant{
		{name: "plain", source: "plain", build: []string{"go"}},
		{name: "by hand", source: "manual", build: []string{"go"}},
		{
			name: "goweave", source: "plain", build: []string{binary, "go"}, env: []string{"GOWEAVE_MODULES=" + modules},
			rule: filepath.Join(modules, "instrumentation/net_http/weave.yaml"), text: "id: ",
		},
	}
	note := ""
	if !*without {
		v, err := installOrchestrion(work)
		if err != nil {
			note = "Orchestrion " + orchestrion + " could not be had: " + err.Error()
		} else {
			variants = append(variants, v)
			note = "Orchestrion " + orchestrion + " has its integrations of net/http and log/slog only, so its figures are lower bounds."
		}
	}
	if *only != "" {
		variants = slices.DeleteFunc(variants, func(v *variant) bool { return v.name != *only })
	}
	for _, v := range variants {
		v.dir = filepath.Join(work, strings.ReplaceAll(v.name, " ", "_"))
		if err := copyTree(filepath.Join("testdata", v.source), filepath.Join(v.dir, "app")); err != nil {
			return nil, "", err
		}
		if out, err := v.command("go", "mod", "download").CombinedOutput(); err != nil {
			return nil, "", fmt.Errorf("%s: go mod download: %w\n%s", v.name, err, out)
		}
	}
	return variants, note, nil
}

func installOrchestrion(work string) (*variant, error) {
	if _, err := os.Stat("testdata/orchestrion/go.mod"); err != nil {
		return nil, errors.New("its module is not there")
	}
	bin := filepath.Join(work, "bin")
	cmd := exec.Command("go", "install", "github.com/DataDog/orchestrion@"+orchestrion)
	cmd.Env = append(os.Environ(), "GOBIN="+bin, "GOFLAGS=-mod=mod")
	if out, err := cmd.CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		return nil, errors.New(lines[len(lines)-1])
	}
	return &variant{
		name: "Orchestrion", source: "orchestrion", build: []string{filepath.Join(bin, "orchestrion"), "go"},
		rule: "app/orchestrion.yml", text: "id: ",
	}, nil
}

func (v *variant) command(arguments ...string) *exec.Cmd {
	cmd := exec.Command(arguments[0], arguments[1:]...)
	cmd.Dir = filepath.Join(v.dir, "app")
	cmd.Env = append(os.Environ(), "GOCACHE="+filepath.Join(v.dir, "cache"), "GOFLAGS=-buildvcs=false", "GOWORK=off")
	cmd.Env = append(cmd.Env, v.env...)
	return cmd
}

// cost is what a command took.
type cost struct {
	cpu    float64
	memory float64 // MB
	output string
}

// run builds one program.
func (v *variant) run(program string, flags ...string) (cost, error) {
	arguments := append(slices.Clone(v.build), "build", "-o", filepath.Join(v.dir, program))
	cmd := v.command(append(append(arguments, flags...), "./"+program)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return cost{}, err
	}
	building.Store(int64(cmd.Process.Pid))
	defer building.Store(0)
	stop, peak := make(chan struct{}), make(chan float64)
	go func() {
		most := 0.0
		for {
			select {
			case <-stop:
				peak <- most
				return
			case <-time.After(200 * time.Millisecond):
				most = max(most, resident(cmd.Process.Pid))
			}
		}
	}()
	err := cmd.Wait()
	close(stop)
	c := cost{memory: <-peak, output: out.String()}
	if err != nil {
		return c, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out.String())
	}
	c.cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	return c, nil
}

// resident is the sum of the resident sets of a process group, in MB.
func resident(group int) float64 {
	processes, _ := filepath.Glob("/proc/[0-9]*/stat")
	pages := 0
	for _, path := range processes {
		b, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// The name, in parentheses, may hold anything; behind it stand state, parent and group.
		fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
		if len(fields) > 21 && fields[2] == strconv.Itoa(group) {
			n, _ := strconv.Atoi(fields[21])
			pages += n
		}
	}
	return float64(pages) * float64(os.Getpagesize()) / 1e6
}

// measure adds one figure of each kind.
func measure(variants []*variant, round int, figures map[string][]float64) error {
	add := func(kind string, v *variant, value float64) {
		log.Printf("%s: %s: %.2f", v.name, kind, value)
		figures[kind+" "+v.name] = append(figures[kind+" "+v.name], value)
	}
	each := func(kind string, do func(*variant) error) error {
		for i := range variants {
			// Another one begins in every round.
			v := variants[(i+round)%len(variants)]
			if err := do(v); err != nil {
				return err
			}
		}
		return nil
	}
	err := each("cold", func(v *variant) error {
		_ = os.RemoveAll(filepath.Join(v.dir, "cache"))
		c, err := v.run("server")
		add("cold", v, c.cpu)
		add("peak memory, cold", v, c.memory)
		return err
	})
	if err != nil {
		return err
	}
	err = each("no change", func(v *variant) error {
		// What the go command does once per cache is done before.
		if _, err := v.run("server"); err != nil {
			return err
		}
		c, err := v.run("server")
		add("no change", v, c.cpu)
		return err
	})
	if err != nil {
		return err
	}
	err = each("one line changed", func(v *variant) error {
		main := filepath.Join(v.dir, "app/server/main.go")
		if err := replace(main, `"hello`, `"hello, `); err != nil {
			return err
		}
		c, err := v.run("server")
		add("one line changed", v, c.cpu)
		return err
	})
	if err != nil {
		return err
	}
	err = each("one rule changed", func(v *variant) error {
		if v.rule == "" {
			return nil
		}
		rule := v.rule
		if !filepath.IsAbs(rule) {
			rule = filepath.Join(v.dir, rule)
		}
		if err := replace(rule, v.text, fmt.Sprintf("%sround%d-", v.text, round)); err != nil {
			return err
		}
		c, err := v.run("server", "-v")
		add("one rule changed", v, c.cpu)
		add("one rule changed, compiled", v, float64(strings.Count(c.output, "\n")))
		return err
	})
	if err != nil {
		return err
	}
	return each("sizes", func(v *variant) error {
		if _, err := v.run("hello"); err != nil {
			return err
		}
		for kind, program := range map[string]string{"binary": "server", "binary that only uses fmt": "hello"} {
			info, err := os.Stat(filepath.Join(v.dir, program))
			if err != nil {
				return err
			}
			add(kind, v, float64(info.Size())/1e6)
		}
		own, err := os.ReadFile(filepath.Join(v.dir, "hello"))
		if err != nil {
			return err
		}
		// In the same folder, since a program holds the names of its files.
		if out, err := v.command("go", "build", "-o", filepath.Join(v.dir, "hello"), "./hello").CombinedOutput(); err != nil {
			return fmt.Errorf("go build ./hello: %w\n%s", err, out)
		}
		plain, err := os.ReadFile(filepath.Join(v.dir, "hello"))
		differs := 0.0
		if !bytes.Equal(plain, own) {
			differs = 1
		}
		add("binary that only uses fmt, differs from plain", v, differs)
		return err
	})
}

// replace changes the first occurrence of a text.
func replace(file, from, to string) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !bytes.Contains(b, []byte(from)) {
		return fmt.Errorf("%s has no %q", file, from)
	}
	return os.WriteFile(file, bytes.Replace(b, []byte(from), []byte(to), 1), 0o666)
}

func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.MkdirAll(target, 0o777)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			return err
		}
		return os.WriteFile(target, b, 0o666)
	})
}
