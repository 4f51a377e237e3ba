// Package env reads the environment: the one place that does, by the one table of what there is to read. Where OTEL_CONFIG_FILE names
// a configuration, that is read in its place.
//
// It needs no initialisation, so that hooks may ask before main's packages are initialised, and imports little, since programs
// whose hooks have nothing to do with telemetry link it too.
package env

import (
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
)

// The signals, as the names of variables have them.
var signals = []string{"TRACES_", "METRICS_", "LOGS_"}

const otlp = "OTEL_EXPORTER_OTLP_"

// Lookup finds the variable with this name in the table.
func Lookup(name string) (v Variable, known bool) {
	for i := range Table {
		if Table[i].Name == name {
			return Table[i], true
		}
	}
	if rest, yes := strings.CutPrefix(name, otlp); yes {
		for _, signal := range signals {
			if own, yes := strings.CutPrefix(rest, signal); yes {
				if v, known = Lookup(otlp + own); known && v.signals {
					v.Name, v.Default = name, otlp+own
					return v, true
				}
			}
		}
	}
	if instrumentation(name) != "" {
		v, known = Lookup("OTEL_INSTRUMENTATION_<NAME>_ENABLED")
		v.Name = name
		return v, known
	}
	return Variable{Name: name}, false
}

// instrumentation returns the name of the instrumentation that a variable switches; "" if it is no such variable.
func instrumentation(variable string) string {
	rest, is := strings.CutPrefix(variable, "OTEL_INSTRUMENTATION_")
	if name, has := strings.CutSuffix(rest, "_ENABLED"); is && has {
		return name
	}
	return ""
}

// strange reports whether a variable switches an instrumentation that is not shipped.
func strange(variable string) bool {
	of := instrumentation(variable)
	return of != "" && !strings.Contains(switches+parts, " "+of+" ")
}

// parts are switched by a variable of their own, and are no instrumentations.
const parts = " COMMON_DEFAULT OPENTELEMETRY RUNTIME_METRICS <NAME> "

// longestValue is how much of a variable is read.
const longestValue = 1 << 20

// raw is what the environment has for a variable; "" for nothing. White space alone is nothing.
func raw(name string) string {
	s := strings.TrimSpace(get(name))
	if len(s) > longestValue {
		Refuse(name, "is longer than 1 MiB", "ignoring it")
		return ""
	}
	return s
}

// Set reports whether the environment has something for a variable that is not nothing.
func Set(name string) bool { return strings.TrimSpace(get(name)) != "" }

// Given reports whether the environment has something for a variable that was not refused.
func Given(name string) bool { return Set(name) && !slices.Contains(refused, name) }

// refused has the names of the variables that were.
var refused []string

// Refuse says, once for a variable, that it is not used, why, and what is in its place.
func Refuse(name, fault, instead string) {
	if !slices.Contains(refused, name) {
		refused = append(slices.Clip(refused), name)
	}
	v, _ := Lookup(name)
	text := name
	if key := key(name); key != "" {
		text = key
	}
	if s := strings.TrimSpace(get(name)); !v.secret {
		const shown = 60
		more := ""
		if len(s) > shown {
			s, more = strings.ToValidUTF8(s[:shown], ""), "..."
		}
		text += " " + strconv.Quote(s) + more
	}
	warn.Once(name, text+" "+fault+"; "+instead)
}

// refuse is Refuse for a value that is not of the variable's type.
func (v Variable) refuse() {
	instead := "ignoring it"
	switch {
	case strings.HasPrefix(v.Default, "OTEL_"):
		instead = "using what " + v.Default + " says"
	case v.Default != "":
		instead = "using " + v.Default
	}
	Refuse(v.Name, "is not "+v.wanted(), instead)
}

// wanted says what a value is.
func (v Variable) wanted() string {
	switch v.Kind {
	case Boolean:
		return "true or false"
	case Integer:
		return "a whole number from " + strconv.FormatInt(v.Min, 10) + " to " + strconv.FormatInt(v.Max, 10)
	case Milliseconds:
		return "a whole number of milliseconds from " + strconv.FormatInt(v.Min, 10) + " to " + strconv.FormatInt(v.Max, 10)
	case Ratio:
		return "a number from " + strconv.FormatInt(v.Min, 10) + " to " + strconv.FormatInt(v.Max, 10)
	case Choice:
		return "one of " + strings.Join(v.Values, ", ")
	case Choices:
		return "a list of " + strings.Join(v.Values, ", ")
	case Names:
		return "a list of names"
	case Pairs:
		return "a list of name=value pairs"
	case Address:
		return "a URL with scheme http or https"
	}
	return "usable"
}

// Raw returns what the environment has for a variable, or else its default.
func Raw(name string) string {
	s, _ := value(name)
	return s
}

// value returns a variable's value and the variable that it is from, along the defaults that name another one.
func value(name string) (string, Variable) {
	for {
		v, known := Lookup(name)
		if !known {
			return "", v
		}
		if s := raw(name); s != "" {
			return s, v
		}
		if !strings.HasPrefix(v.Default, "OTEL_") {
			return v.Default, v
		}
		name = v.Default
	}
}

// read returns what parse makes of a variable, or else of its default, along the defaults that name another variable.
func read[T any](name string, parse func(s string, v Variable) (T, bool)) (out T, set bool) {
	for name != "" {
		v, known := Lookup(name)
		if !known {
			return out, false
		}
		if s := raw(name); s != "" {
			if out, ok := parse(s, v); ok {
				return out, true
			}
			v.refuse()
		}
		if !strings.HasPrefix(v.Default, "OTEL_") {
			out, _ = parse(v.Default, v)
			return out, false
		}
		name = v.Default
	}
	return out, false
}

// Bool reads a truth value: true or false, in any case.
func Bool(name string) bool {
	on, _ := read(name, func(s string, _ Variable) (bool, bool) {
		return strings.EqualFold(s, "true"), strings.EqualFold(s, "true") || strings.EqualFold(s, "false")
	})
	return on
}

// Int reads a whole number. Without one and without a default it is -1.
func Int(name string) int {
	n, _ := read(name, func(s string, v Variable) (int, bool) {
		if s == "" {
			return -1, true
		}
		n, err := strconv.ParseInt(s, 10, 64)
		return int(n), err == nil && v.Min <= n && n <= v.Max
	})
	return n
}

// Duration reads a time in milliseconds.
func Duration(name string) time.Duration { return time.Duration(Int(name)) * time.Millisecond }

// Number reads a number.
func Number(name string) float64 {
	f, _ := read(name, func(s string, v Variable) (float64, bool) {
		f, err := strconv.ParseFloat(s, 64)
		return f, err == nil && !math.IsNaN(f) && float64(v.Min) <= f && f <= float64(v.Max)
	})
	return f
}

// OneOf reads one of the values that there are, in lower case.
func OneOf(name string) string {
	s, _ := read(name, func(s string, v Variable) (string, bool) {
		s = strings.ToLower(s)
		return s, slices.Contains(v.Values, s)
	})
	return s
}

// List reads names between commas, without repetition: of those that there are, if the table says which, and then in lower case.
// The others are told; where there is no good one, the default holds.
func List(name string) (all []string) {
	s, v := value(name)
	all, bad := split(s, v)
	if bad {
		instead := "ignoring the others"
		if len(all) == 0 {
			instead = "using " + v.Default
			all, _ = split(v.Default, v)
		}
		Refuse(v.Name, "is not "+v.wanted(), instead)
	}
	return all
}

// split reads a list in one go.
func split(s string, v Variable) (all []string, bad bool) {
	known := map[string]bool{}
	for len(s) > 0 {
		var one string
		one, s, _ = strings.Cut(s, ",")
		one = strings.TrimSpace(one)
		if v.Kind == Choices {
			one = strings.ToLower(one)
			if one != "" && !slices.Contains(v.Values, one) {
				bad = true
				continue
			}
		}
		if one != "" && !known[one] {
			known[one] = true
			all = append(all, one)
		}
	}
	return all, bad
}

// Hidden runs f while those of the variables that were refused, that are set to nothing, or in whose place a configuration is read, are
// not in the environment: for a library that reads them too, and would tell its own about them. Package initialisation calls it, and
// nothing else.
func Hidden(names []string, f func()) {
	for _, name := range names {
		if s, there := os.LookupEnv(name); there && (strings.TrimSpace(s) == "" || slices.Contains(refused, name) || Configuration() != nil) {
			os.Unsetenv(name)
			defer os.Setenv(name, s)
		}
	}
	f()
}

// Diagnosing reports whether the program shall say what it does with telemetry, as OTEL_LOG_LEVEL=debug and
// OTEL_GO_WEAVE_DIAGNOSTICS=true ask.
func Diagnosing() bool {
	switch OneOf("OTEL_LOG_LEVEL") {
	case "debug", "trace", "verbose", "all":
		return true
	}
	return Bool("OTEL_GO_WEAVE_DIAGNOSTICS")
}

// TellUnknown tells, where Diagnosing, of each variable that begins like those of the table and is not in it, and of each that
// switches an instrumentation that is not shipped.
func TellUnknown() {
	if !Diagnosing() {
		return
	}
	names := make([]string, 0, 8)
	for _, setting := range os.Environ() {
		if name, _, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "OTEL_") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		_, known := Lookup(name)
		switch {
		case Configuration() != nil && !outside(name):
			warn.Once(name, name+" is ignored: OTEL_CONFIG_FILE is set")
		case strange(name):
			warn.Once(name, name+" names no shipped instrumentation: only one of your own may read it")
		case !known && !slices.ContainsFunc(elsewhere, func(prefix string) bool { return strings.HasPrefix(name, prefix) }):
			warn.Once(name, name+" is not read by this program")
		}
	}
}
