// Load measures a service under load: plain, instrumented by hand, woven, built by Orchestrion, and beside an agent. CPU and allocations
// are of requests by hey, the lowest of several runs in turn; latencies are of the stages of script.js, by k6.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

type variant struct {
	name, title  string
	program      string
	agent        string
	env          []string
	perRequest   map[string]float64 // spans of a request, by path
	rows         map[string]float64
	lost, wanted float64
}

// low keeps the lowest value of a row.
func (v *variant) low(row string, value float64) {
	if known, ok := v.rows[row]; !ok || value < known {
		v.rows[row] = value
	}
}

var paths = []string{"/hello", "/order", "/cache", "/rpc"}

func main() {
	asJSON := flag.Bool("json", false, "print JSON")
	page := flag.String("page", "", "a page to write the table into")
	html := flag.String("html", "", "a page to draw")
	goweave := flag.String("goweave", "goweave", "the weaver")
	repository := flag.String("repository", "", "the checkout, for its dev.d")
	rounds := flag.Int("rounds", 3, "runs of each program, of which the lowest counts")
	size := flag.Int("size", 20000, "requests of a run")
	scale := flag.Float64("scale", 1, "stretches the stages")
	think := flag.Float64("think", 0.1, "seconds between two requests of a user")
	only := flag.String("only", "plain,byhand,woven,orchestrion", "variants to run")
	agent := flag.String("agent", "", "an agent to run beside the plain program")
	flag.Parse()
	if *agent != "" {
		*only += ",agent"
	}
	dir, err := os.MkdirTemp("", "bench-load-")
	check(err)
	// Of another user, who starts PostgreSQL.
	check(os.Chmod(dir, 0o755))
	defer os.RemoveAll(dir)

	build := func(name, in, pkg string, command ...string) string {
		out := filepath.Join(dir, name)
		fmt.Fprintln(os.Stderr, "building", name)
		cmd := exec.Command(command[0], append(command[1:], "build", "-ldflags=-s -w", "-o", out, pkg)...)
		cmd.Dir = in
		cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
		check(cmd.Run())
		return out
	}
	k6, hey := build("k6", "tools", "go.k6.io/k6", "go"), build("hey", "tools", "github.com/rakyll/hey", "go")

	telemetry := newSink()
	defer telemetry.Close()
	url, stopPostgres := postgres(*repository, filepath.Join(dir, "postgres"))
	defer stopPostgres()
	cache, stopRedis := redis(*repository)
	defer stopRedis()
	env := []string{"DATABASE_URL=" + url, "REDIS_ADDRESS=" + cache, "OTEL_EXPORTER_OTLP_ENDPOINT=" + telemetry.URL, "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
		"OTEL_SERVICE_NAME=load", "OTEL_BSP_SCHEDULE_DELAY=1000", "DD_TRACE_AGENT_URL=" + telemetry.URL, "DD_INSTRUMENTATION_TELEMETRY_ENABLED=false",
		"DD_TRACE_STARTUP_LOGS=false"}

	var variants []*variant
	for _, v := range []struct {
		name, title string
		make        func() string
	}{
		{"plain", "plain", func() string { return build("plain", ".", "./program", "go") }},
		{"byhand", "by hand", func() string { return build("byhand", ".", "./byhand", "go") }},
		{"woven", "woven", func() string { return build("woven", ".", "./program", *goweave, "go") }},
		{"orchestrion", "Orchestrion", func() string { return build("orchestrion", "orchestrion", ".", "go", "tool", "orchestrion", "go") }},
		{"agent", "agent", func() string { return build("observed", ".", "./program", "go") }},
	} {
		if !slices.Contains(strings.Split(*only, ","), v.name) {
			continue
		}
		made := &variant{name: v.name, title: v.title, program: v.make(), rows: map[string]float64{}, perRequest: map[string]float64{}}
		if v.name == "agent" {
			made.agent = *agent
		}
		info, err := os.Stat(made.program)
		check(err)
		made.rows["binary, stripped, MB"] = float64(info.Size()) / 1e6
		variants = append(variants, made)
	}
	if len(variants) == 0 {
		check(fmt.Errorf("no variant is named %s", *only))
	}

	for round := range *rounds {
		for _, v := range variants {
			fmt.Fprintf(os.Stderr, "round %d: %s\n", round+1, v.name)
			check(v.requests(telemetry, hey, env, *size))
		}
	}
	for _, v := range variants {
		fmt.Fprintln(os.Stderr, "stages:", v.name)
		check(v.stages(telemetry, k6, env, dir, *scale, *think))
		v.rows["spans lost, %"] = 0
		if v.wanted > 0 {
			v.rows["spans lost, %"] = max(0, 100*v.lost/v.wanted)
		}
	}

	t := table{variants: variants}
	command := fmt.Sprintf("%d runs of %d requests; stages times %g, %g s between two requests of a user", *rounds, *size, *scale, *think)
	if *page != "" {
		check(t.write(*page, command))
	}
	if *html != "" {
		check(t.draw(*html, command))
	}
	if *asJSON {
		check(json.NewEncoder(os.Stdout).Encode(map[string][]row{"rows": t.rows()}))
		return
	}
	t.print(os.Stdout)
}

// requests measures requests of each path, one path after the other.
func (v *variant) requests(telemetry *sink, hey string, env []string, size int) error {
	s, err := start(v.program, v.agent, env)
	if err != nil {
		return err
	}
	defer s.stop()
	v.low("start until it listens, ms", float64(s.begun)/1e6)
	for _, path := range paths {
		// What is made once, and how many spans a request has.
		if _, err := run(hey, s.target+path, 200, 1); err != nil {
			return err
		}
		if v.perRequest[path] == 0 {
			settle(telemetry)
			before := telemetry.spans.Load()
			if _, err := run(hey, s.target+path, 200, 1); err != nil {
				return err
			}
			settle(telemetry)
			v.perRequest[path] = math.Round(float64(telemetry.spans.Load()-before)/20) / 10
			v.rows[path+", spans"] = v.perRequest[path]
		}
		settle(telemetry)
		spans := telemetry.spans.Load()
		objects, err := s.allocated()
		if err != nil {
			return err
		}
		used, err := s.cpu()
		if err != nil {
			return err
		}
		rate, err := run(hey, s.target+path, size, 100)
		if err != nil {
			return err
		}
		settle(telemetry)
		after, err := s.cpu()
		if err != nil {
			return err
		}
		objectsAfter, err := s.allocated()
		if err != nil {
			return err
		}
		v.low(path+", CPU seconds per 100,000", (after-used).Seconds()*1e5/float64(size))
		v.low(path+", allocations", (objectsAfter-objects)/float64(size))
		v.rows[path+", requests/s"] = max(v.rows[path+", requests/s"], rate)
		v.wanted += v.perRequest[path] * float64(size)
		v.lost += v.perRequest[path]*float64(size) - float64(telemetry.spans.Load()-spans)
	}
	resident, err := s.resident()
	if err != nil {
		return err
	}
	v.low("resident memory, MB", resident)
	return s.stop()
}

// settle waits until no spans come any more.
func settle(telemetry *sink) {
	for before := int64(-1); before != telemetry.spans.Load(); {
		before = telemetry.spans.Load()
		time.Sleep(1300 * time.Millisecond)
	}
}

var perSecond = regexp.MustCompile(`Requests/sec:\s*([\d.]+)`)

// run has hey ask for an address n times by some connections, and returns requests per second. Every answer must be 200.
func run(hey, address string, n, connections int) (float64, error) {
	out, err := exec.Command(hey, "-n", strconv.Itoa(n), "-c", strconv.Itoa(connections), "http://"+address).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("%w\n%s", err, out)
	}
	said := perSecond.FindSubmatch(out)
	if said == nil || !strings.Contains(string(out), fmt.Sprintf("[200]\t%d responses", n/connections*connections)) {
		return 0, fmt.Errorf("%s was not answered by 200 alone:\n%s", address, out)
	}
	return strconv.ParseFloat(string(said[1]), 64)
}

// stages runs k6's script.
func (v *variant) stages(telemetry *sink, k6 string, env []string, dir string, scale, think float64) error {
	s, err := start(v.program, v.agent, env)
	if err != nil {
		return err
	}
	defer s.stop()
	out := filepath.Join(dir, v.name+".json")
	cmd := exec.Command(k6, "run", "--quiet", "--no-usage-report", "--env", "TARGET="+s.target, "--env", "OUT="+out,
		"--env", fmt.Sprint("SCALE=", scale), "--env", fmt.Sprint("THINK=", think), "script.js")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return err
	}
	text, err := os.ReadFile(out)
	if err != nil {
		return err
	}
	var result map[string]struct{ P50, P95, P99, Max, Requests, Failed float64 }
	if err := json.Unmarshal(text, &result); err != nil {
		return err
	}
	for stage, r := range result {
		v.rows[stage+", p50 ms"], v.rows[stage+", p95 ms"], v.rows[stage+", p99 ms"], v.rows[stage+", max ms"] = r.P50, r.P95, r.P99, r.Max
		v.rows[stage+", requests"] = r.Requests
		if r.Failed > 0 {
			fmt.Fprintf(os.Stderr, "%s: %g of %g requests failed in stage %s\n", v.name, r.Failed, r.Requests, stage)
		}
	}
	resident, err := s.resident()
	if err != nil {
		return err
	}
	v.rows["resident memory after the stages, MB"] = resident
	return s.stop()
}

// postgres starts a server, and returns its URL and what stops it.
func postgres(repository, dir string) (url string, stop func()) {
	script := filepath.Join(repository, "dev.d/postgres.sh")
	out, err := command(script, "start", dir).Output()
	check(err)
	return strings.TrimSpace(string(out)), func() { command(script, "stop", dir).Run() }
}

// redis starts a server, and returns its address and what stops it.
func redis(repository string) (address string, stop func()) {
	out, err := command(filepath.Join(repository, "dev.d/server.sh"), "redis-server", "redis-server").Output()
	check(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	address = l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(address)
	words := append(strings.Fields(string(out)), "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no")
	cmd := command(words[0], words[1:]...)
	check(cmd.Start())
	for range 100 {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return address, func() { cmd.Process.Kill(); cmd.Wait() }
		}
		time.Sleep(100 * time.Millisecond)
	}
	check(fmt.Errorf("Redis does not listen at %s", address))
	return "", nil
}

func command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	return cmd
}

// check panics, so that what was started is stopped.
func check(err error) {
	if err != nil {
		panic(err)
	}
}
