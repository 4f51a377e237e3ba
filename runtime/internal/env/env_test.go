package env

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
)

// TestTable checks that the table is usable: each default is a value that would be taken.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, v := range Table {
		if seen[v.Name] || v.Doc == "" || v.Kind == "" || !strings.HasPrefix(v.Name, "OTEL_") {
			t.Errorf("%+v", v)
		}
		seen[v.Name] = true
		if _, known := Lookup(v.Default); strings.HasPrefix(v.Default, "OTEL_") && !known {
			t.Errorf("%s has its default from %s, which there is not", v.Name, v.Default)
		}
		name := strings.Replace(v.Name, "<NAME>", "NET_HTTP", 1)
		restore := warn.Capture()
		switch v.Kind {
		case Boolean:
			Bool(name)
		case Integer, Milliseconds:
			if n := Int(name); n < int(v.Min) && (n != -1 || v.Default != "" && !strings.HasPrefix(v.Default, "OTEL_")) || v.Max <= v.Min || v.Max > 1<<31 {
				t.Errorf("%s is %d", v.Name, n)
			}
		case Ratio:
			Number(name)
		case Choice:
			if OneOf(name) != v.Default {
				t.Errorf("%s is %q", v.Name, OneOf(name))
			}
		case Choices:
			if strings.Join(List(name), ",") != v.Default {
				t.Errorf("%s is %q", v.Name, List(name))
			}
		}
		if lines := restore(); len(lines) > 0 {
			t.Errorf("%s: %q", v.Name, lines)
		}
	}
}

// garbage is what is in variables and is refused by all that are no text.
var garbage = []string{"9223372036854775807", "9223372036854775808", "-1", "-9223372036854775808", "NaN", "Inf", "-inf", "+Inf", "1e400", "yes", "1.5x", "0x10", "\x00", "\xff", "tops3cret at://user:tops3cret@host",
	strings.Repeat("9", 5000), strings.Repeat("a,", 5000)}

// TestRefused sets each variable to garbage: one line says so, and the default holds.
func TestRefused(t *testing.T) {
	for _, v := range Table {
		var read func(name string) any
		switch v.Kind {
		case Boolean:
			read = func(name string) any { return Bool(name) }
		case Integer:
			read = func(name string) any { return Int(name) }
		case Milliseconds:
			read = func(name string) any { return Duration(name) }
		case Ratio:
			read = func(name string) any { return Number(name) }
		case Choice:
			read = func(name string) any { return OneOf(name) }
		case Choices:
			read = func(name string) any { return fmt.Sprint(List(name)) }
		default:
			continue
		}
		if v.Name == "OTEL_LOG_LEVEL" {
			continue // TestLevel
		}
		names := []string{strings.Replace(v.Name, "<NAME>", "NET_HTTP", 1)}
		if v.signals {
			for _, signal := range signals {
				names = append(names, strings.Replace(v.Name, otlp, otlp+signal, 1))
			}
		}
		for _, name := range names {
			want := read(name)
			for _, blank := range []string{"", " ", "\t \n"} {
				t.Setenv(name, blank)
				restore := warn.Capture()
				if got := read(name); got != want {
					t.Errorf("%s=%q is %v", name, blank, got)
				}
				if lines := restore(); len(lines) > 0 {
					t.Errorf("%s=%q: %q", name, blank, lines)
				}
			}
			for _, bad := range garbage {
				if strings.ContainsRune(bad, 0) {
					continue // no environment can hold it
				}
				t.Setenv(name, bad)
				restore := warn.Capture()
				got := read(name)
				read(name)
				if got != want {
					t.Errorf("%s=%.40q is %v", name, bad, got)
				}
				if lines := restore(); len(lines) != 1 || !strings.HasPrefix(lines[0], "rules_go_weave: "+name+" ") || len(lines[0]) > 400 || strings.Contains(lines[0], "tops3cret@") {
					t.Errorf("%s=%.40q: %.500q", name, bad, lines)
				}
			}
			os.Unsetenv(name)
			refused = nil
		}
	}
}

func TestRead(t *testing.T) {
	for name, value := range map[string]string{
		"OTEL_SDK_DISABLED": " TRUE ", "OTEL_BSP_MAX_QUEUE_SIZE": " 7", "OTEL_TRACES_SAMPLER": "ALWAYS_OFF", "OTEL_TRACES_SAMPLER_ARG": "0.25",
		"OTEL_PROPAGATORS": "B3, baggage,,b3", "OTEL_EXPORTER_OTLP_TIMEOUT": "20", "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT": "30",
		"OTEL_ATTRIBUTE_COUNT_LIMIT": "5", "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": "0", "OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED": "false",
		"OTEL_INSTRUMENTATION_X_ENABLED": "true", "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS": "X-A, x-b",
	} {
		t.Setenv(name, value)
	}
	got := fmt.Sprint(Bool("OTEL_SDK_DISABLED"), Int("OTEL_BSP_MAX_QUEUE_SIZE"), OneOf("OTEL_TRACES_SAMPLER"), Number("OTEL_TRACES_SAMPLER_ARG"), List("OTEL_PROPAGATORS"),
		Duration("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT"), Duration("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT"),
		Int("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT"), Int("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT"), Bool("OTEL_INSTRUMENTATION_Y_ENABLED"), Bool("OTEL_INSTRUMENTATION_X_ENABLED"),
		List("OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS"), Int("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"), Raw("OTEL_EXPORTER_PROMETHEUS_HOST"))
	if want := "true7always_off0.25[b3 baggage] 20ms 30ms 5 0 false true [X-A x-b] -1localhost"; strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
		t.Errorf("%s", got)
	}
}

// TestPartOfAList keeps what is good of a list.
func TestPartOfAList(t *testing.T) {
	t.Setenv("OTEL_TRACES_EXPORTER", "otlp,zipkin,jaeger")
	restore := warn.Capture()
	if got := List("OTEL_TRACES_EXPORTER"); len(got) != 1 || got[0] != "otlp" {
		t.Errorf("%q", got)
	}
	v, _ := Lookup("OTEL_TRACES_EXPORTER")
	if lines := restore(); len(lines) != 1 || !strings.Contains(lines[0], "is not a list of "+strings.Join(v.Values, ", ")+"; ignoring the others") {
		t.Errorf("%q", lines)
	}
}

func TestHidden(t *testing.T) {
	refused = nil
	restore := warn.Capture()
	defer restore()
	t.Setenv("OTEL_TRACES_SAMPLER", "nonsense")
	t.Setenv("OTEL_TRACES_SAMPLER_ARG", " ")
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "a=b")
	OneOf("OTEL_TRACES_SAMPLER")
	names := []string{"OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_NOT_SET"}
	Hidden(names, func() {
		for i, name := range names {
			if _, there := os.LookupEnv(name); there != (i == 2) {
				t.Errorf("%s: %v", name, there)
			}
		}
	})
	if os.Getenv("OTEL_TRACES_SAMPLER") != "nonsense" || os.Getenv("OTEL_TRACES_SAMPLER_ARG") != " " {
		t.Error("not as before")
	}
	if _, there := os.LookupEnv("OTEL_NOT_SET"); there {
		t.Error("set")
	}
}

// TestLevel tells of variables that nobody reads, and only if that is asked for.
func TestLevel(t *testing.T) {
	t.Setenv("OTEL_TRACE_SAMPLER", "always_on") // a slip
	t.Setenv("OTEL_EXPORTER_OTLP_SPANS_ENDPOINT", "x")
	t.Setenv("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "x")
	t.Setenv("OTEL_GO_X_OBSERVABILITY", "true") // the SDK's own
	for _, name := range []string{"NET_HTTP", "NET_HTP", "OPENTELEMETRY", "COMMON_DEFAULT"} {
		t.Setenv("OTEL_INSTRUMENTATION_"+name+"_ENABLED", "true")
	}
	for level, want := range map[string][]string{
		"":     nil,
		"info": nil,
		"DEBUG": {"rules_go_weave: OTEL_EXPORTER_OTLP_SPANS_ENDPOINT is not read by this program",
			"rules_go_weave: OTEL_INSTRUMENTATION_NET_HTP_ENABLED names no shipped instrumentation: only one of your own may read it", "rules_go_weave: OTEL_TRACE_SAMPLER is not read by this program"},
		"loud": {`rules_go_weave: OTEL_LOG_LEVEL "loud" is not one of none, off, error, warn, info, debug, verbose, trace, all; using info`},
	} {
		t.Setenv("OTEL_LOG_LEVEL", level)
		restore := warn.Capture()
		TellUnknown()
		TellUnknown()
		if lines := restore(); fmt.Sprint(lines) != fmt.Sprint(want) {
			t.Errorf("%q: %q", level, lines)
		}
	}
}

// TestListIsLinear counts what reading a list of n, 2n and 4n names allocates, and that it is cut.
func TestListIsLinear(t *testing.T) {
	const name = "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS"
	var took [3]uint64
	for i, n := range []int{8 << 10, 16 << 10, 32 << 10} {
		var b strings.Builder
		for j := range n {
			b.WriteString(strconv.Itoa(100_000+j) + ",")
		}
		t.Setenv(name, b.String())
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if got := len(List(name)); got != n {
			t.Fatalf("%d names", got)
		}
		runtime.ReadMemStats(&after)
		took[i] = after.TotalAlloc - before.TotalAlloc
	}
	if took[1] > 3*took[0] || took[2] > 3*took[1] {
		t.Errorf("%d", took)
	}
	t.Setenv(name, strings.Repeat("a,", longestValue/2)+"b")
	restore := warn.Capture()
	if got := List(name); len(got) != 0 {
		t.Errorf("%d names", len(got))
	}
	if lines := restore(); len(lines) != 1 {
		t.Errorf("%q", lines)
	}
}

// TestDocs compares the list in runtime/README.md with the table. UPDATE=1 writes it.
func TestDocs(t *testing.T) {
	const begin, end = "<!-- variables: made from runtime/internal/env/table.go by UPDATE=1 go test ./runtime/internal/env -->\n", "<!-- end of variables -->\n"
	file := filepath.Join("..", "..", "README.md")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no %s", file, begin)
	}
	want := before + begin + "\n" + docs() + "\n" + end + after
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if want != string(text) {
		t.Errorf("%s is not what the table says; run UPDATE=1 go test ./runtime/internal/env", file)
	}
}

func docs() string {
	var b strings.Builder
	b.WriteString("| variable | type | default | |\n|---|---|---|---|\n")
	for _, v := range Table {
		kind := string(v.Kind)
		switch v.Kind {
		case Integer, Ratio:
			kind = fmt.Sprintf("%s, %d to %d", v.Kind, v.Min, v.Max)
		case Milliseconds:
			kind = fmt.Sprintf("ms, %d to %d", v.Min, v.Max)
		case Choice, Choices:
			kind += " `" + strings.Join(v.Values, "`, `") + "`"
		}
		def := v.Default
		if def != "" {
			def = "`" + def + "`"
		}
		name := "`" + v.Name + "`"
		if v.signals {
			name += " (also `_TRACES_`, `_METRICS_`, `_LOGS_`)"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", name, kind, def, v.Doc)
	}
	return b.String()
}

// TestOneReader finds code that reads the environment itself, and names of variables that are not in the table.
func TestOneReader(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	reads := regexp.MustCompile(`(os|syscall)\.(Getenv|LookupEnv|Environ|ExpandEnv)\(`)
	others := regexp.MustCompile(`"(KUBERNETES_SERVICE_HOST|ANTHROPIC_OPEN_TELEMETRY)"`) // not ours: of the place where a program runs, and of a library, as that reads it
	named := regexp.MustCompile(`"(OTEL_[A-Z_]+)"`)
	switched := regexp.MustCompile(`(?:\.Open|[. ]Enabled)\("([^"]+)"\)`)
	letters := regexp.MustCompile(`[^A-Z0-9]`)
	found := 0
	files := 0
	for _, dir := range []string{"runtime", "instrumentation"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(file string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() && (entry.Name() == "weavetest" || entry.Name() == "env") {
				return cmp.Or(err, filepath.SkipDir)
			}
			if entry.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
				return nil
			}
			text, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			files++
			for _, line := range strings.Split(string(text), "\n") {
				if reads.MatchString(line) && !others.MatchString(line) && filepath.Base(file) != "warn.go" && filepath.Base(file) != "limits.go" {
					t.Errorf("%s reads the environment: %s", file, line)
				}
				for _, m := range switched.FindAllStringSubmatch(line, -1) {
					found++
					if name := letters.ReplaceAllString(strings.ToUpper(m[1]), "_"); m[1][0] != '{' && !strings.Contains(switches+parts, " "+name+" ") {
						t.Errorf("%s: %s switches nothing that has a name: %s", file, name, line)
					}
				}
				for _, m := range named.FindAllStringSubmatch(line, -1) {
					if _, known := Lookup(m[1]); !known && !strings.HasSuffix(m[1], "_") && m[1] != "OTEL_EXPORTER_OTLP" {
						t.Errorf("%s: %s is not in the table", file, m[1])
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 20 || found < 10 {
		t.Errorf("only %d files were read, with %d switches", files, found)
	}
}

// TestFolderNames holds that an instrumentation with another name than its folder's is switched by either.
func TestFolderNames(t *testing.T) {
	const name, folder = "OTEL_INSTRUMENTATION_OPENTELEMETRY_ENABLED", "OTEL_INSTRUMENTATION_OTEL_TRACE_ENABLED"
	if !Bool(name) {
		t.Error("it is off where nothing is said")
	}
	t.Setenv(folder, "false")
	if Bool(name) {
		t.Errorf("%s does not switch it off", folder)
	}
	t.Setenv(name, "true")
	if !Bool(name) {
		t.Errorf("%s does not have the last word", name)
	}
}
