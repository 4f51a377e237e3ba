// Package declarative reads OpenTelemetry's declarative configuration, the file that OTEL_CONFIG_FILE names: its format 1.0
// (github.com/open-telemetry/opentelemetry-configuration), as far as woven programs have what it configures.
//
// It makes of it what the environment would say, by the names of variables, and what no variable can say: attributes of the resource
// that are no strings, and samplers that are made of others. What it does not know, or woven programs cannot do, it tells with line and
// column. It imports nothing but the standard library, since package env, which every woven program has, reads by it.
package declarative

import (
	"slices"
	"strconv"
	"strings"
)

// Settings are what a configuration says.
type Settings struct {
	// Values are what variables of the environment would have, by their names; a variable that is not in it is not set.
	Values map[string]Value
	// Attributes are the resource's.
	Attributes []Attribute
	// Sampler is nil where the configuration has none.
	Sampler *Sampler
}

// Value is what is said for a variable.
type Value struct {
	Text string
	// Key is what the configuration calls it, after the place, as "12:7: max_queue_size".
	Key string
}

// Attribute is one of the resource's. Its value is a string, bool, int64 or float64, or a slice of one of these.
type Attribute struct {
	Name  string
	Value any
}

// Sampler is a sampler's configuration.
type Sampler struct {
	// Kind is what the configuration calls it: always_on, always_off, trace_id_ratio_based or parent_based, or, within a composite one,
	// always_on, always_off, probability, parent_threshold or rule_based. A composite sampler is what is within it.
	Kind string
	// Composite tells of which of these it is.
	Composite bool
	// Ratio is between 0 and 1.
	Ratio float64
	// Root decides where a trace begins, of parent_based, and of parent_threshold; nil for all.
	Root *Sampler
	// The others of parent_based decide below a parent; nil for what the parent has decided.
	RemoteSampled, RemoteNotSampled, LocalSampled, LocalNotSampled *Sampler
	// Rules are those of rule_based.
	Rules []Rule
}

// Condition is what a rule asks of an attribute: one of the values, or else, where it has Patterns, one of those that are included, or
// any if none are, and none of those that are excluded.
type Condition struct {
	Key                string
	Values             []string
	Patterns           bool
	Included, Excluded []string
}

// Rule is a rule of a sampler: that sampler decides on the spans for which all conditions hold. What is empty always holds.
type Rule struct {
	Attributes []Condition
	// Kinds are client, consumer, internal, producer, server.
	Kinds []string
	// Parents are none, remote, local.
	Parents []string
	Sampler *Sampler
}

// Read reads a configuration. getenv is asked for the variables that are referred to, and tell is told what is ignored, and where, as
// "12:7: unknown key". An error, with its place, is a text that is not a configuration: nothing of it is used then.
func Read(text string, getenv func(string) string, tell func(string)) (_ *Settings, err error) {
	root, err := parse(text)
	if err != nil {
		return nil, err
	}
	defer func() {
		if f, is := recover().(*fault); is {
			err = f
		}
	}()
	if root.kind != mapping {
		return nil, &fault{root.line, root.col, "a configuration must be a mapping that begins with: file_format: \"1.0\""}
	}
	said := map[string]bool{} // what is read twice is told once
	r := &reader{getenv: getenv, out: &Settings{Values: map[string]Value{}}, tell: func(what string) {
		if !said[what] {
			said[what] = true
			tell(what)
		}
	}}
	r.substitute(root)
	r.configuration(root)
	return r.out, nil
}

type reader struct {
	getenv func(string) string
	tell   func(string)
	out    *Settings
}

const unsupported = " is not supported by woven programs"

// keys are what a mapping may have.
type keys []key

// key is a key, and what reads its value; nil for one that is known, and not supported.
type key struct {
	name string
	read func(*node)
}

// find looks for a key by its name.
func (k keys) find(name string) (read func(*node), is bool) {
	for i := range k {
		if k[i].name == name {
			return k[i].read, true
		}
	}
	return nil, false
}

// alike returns keys that are read alike, or are not supported.
func alike(read func(*node), names string) (k keys) {
	for _, name := range strings.Fields(names) {
		k = append(k, key{name, read})
	}
	return k
}

// substitute puts values of the environment into all scalars that are values.
func (r *reader) substitute(n *node) {
	if n.kind == scalar {
		text, wrong := substitute(n.text, r.getenv)
		if wrong != "" {
			panic(&fault{n.line, n.col, wrong})
		}
		n.text = text
	}
	for _, i := range n.items {
		r.substitute(i)
	}
	for _, e := range n.entries {
		r.substitute(e.value)
	}
}

// ignored tells of something that is not used.
//
//go:noinline
func (r *reader) ignored(n *node, what string) { r.tell(n.place() + what + "; ignoring it") }

// place is where a value begins, as messages begin with it.
func (n *node) place() string { return strconv.Itoa(n.line) + ":" + strconv.Itoa(n.col) + ": " }

// null reports whether there is no value.
func (n *node) null() bool {
	return n.kind == scalar && n.plain && (n.text == "" || n.text == "~" || n.text == "null" || n.text == "Null" || n.text == "NULL")
}

// mapping reads a mapping, which may be missing.
func (r *reader) mapping(n *node, known keys) {
	switch {
	case n.null():
	case n.kind != mapping:
		r.ignored(n, "expected a mapping")
	default:
		for _, e := range n.entries {
			r.entry(e, known, false)
		}
	}
}

// entry reads the value of a key of a mapping. One that is not supported is told where it has a value, or else was chosen.
func (r *reader) entry(e entry, known keys, chosen bool) {
	switch read, is := known.find(e.key.text); {
	case !is:
		r.ignored(e.key, "unknown key "+strconv.Quote(e.key.text))
	case read != nil:
		read(e.value)
	case chosen || !e.value.null():
		r.ignored(e.key, strconv.Quote(e.key.text)+unsupported)
	}
}

// one reads a mapping that chooses one of several things.
func (r *reader) one(n *node, what string, known keys) {
	switch {
	case n.kind != mapping:
		r.ignored(n, "expected "+what)
	case len(n.entries) != 1:
		r.ignored(n, "expected one "+strings.TrimPrefix(strings.TrimPrefix(what, "an "), "a "))
	default:
		r.entry(n.entries[0], known, true)
	}
}

// list reads a sequence, which may be missing.
func (r *reader) list(n *node, read func(*node)) {
	switch {
	case n.null():
	case n.kind != sequence:
		r.ignored(n, "expected a sequence")
	default:
		for _, i := range n.items {
			read(i)
		}
	}
}

// text is a scalar's; "" if there is none.
func (r *reader) text(n *node) string {
	if n.kind != scalar {
		r.ignored(n, "expected a value, not a mapping or a sequence")
		return ""
	}
	if n.null() {
		return ""
	}
	return n.text
}

// texts are those of a sequence.
func (r *reader) texts(n *node) (all []string) {
	r.list(n, func(i *node) {
		if s := r.text(i); s != "" {
			all = append(all, s)
		}
	})
	return all
}

// put says what a variable has.
//
//go:noinline
func (r *reader) put(name, text, key string, at *node) {
	if text != "" {
		r.out.Values[name] = Value{text, at.place() + key}
	}
}

// to returns what puts a scalar into a variable.
func (r *reader) to(name, key string) func(*node) {
	return func(n *node) { r.put(name, r.text(n), key, n) }
}

// each returns keys whose variables are called like them, after a prefix.
func (r *reader) each(prefix, names string) (k keys) {
	for _, name := range strings.Fields(names) {
		k = append(k, key{name, r.to(prefix+strings.ToUpper(name), name)})
	}
	return k
}

// named returns what puts a name, of which one is another in the environment, into a variable.
func (r *reader) named(name, key, here, there string) func(*node) {
	return func(n *node) {
		text := r.text(n)
		if text == here {
			text = there
		}
		r.put(name, text, key, n)
	}
}

// nothing takes what has no meaning for woven programs, without a word.
func nothing(*node) {}

func (r *reader) configuration(n *node) {
	r.format(n)
	// What a configuration does not mention is not there.
	for _, name := range strings.Fields("OTEL_PROPAGATORS OTEL_TRACES_EXPORTER OTEL_METRICS_EXPORTER OTEL_LOGS_EXPORTER") {
		r.out.Values[name] = Value{Text: "none"}
	}
	r.mapping(n, keys{
		{"file_format", nothing}, {"distribution", nothing},
		{"disabled", r.to("OTEL_SDK_DISABLED", "disabled")},
		{"log_level", r.level},
		{"attribute_limits", func(n *node) { r.mapping(n, r.limits("OTEL_ATTRIBUTE_")) }},
		{"resource", r.resource},
		{"propagator", r.propagator},
		{"tracer_provider", r.traces},
		{"meter_provider", r.metrics},
		{"logger_provider", r.logs},
		{"instrumentation/development", r.instrumentation},
	})
}

// format refuses configurations of another format.
func (r *reader) format(n *node) {
	for _, e := range n.entries {
		if e.key.text != "file_format" {
			continue
		}
		if major, _, _ := strings.Cut(e.value.text, "."); e.value.kind == scalar && major == "1" {
			return
		}
		panic(&fault{e.value.line, e.value.col, "file_format " + strconv.Quote(e.value.text) + ` is not supported; this program reads "1.0"`})
	}
	panic(&fault{n.line, n.col, `file_format is missing; write: file_format: "1.0"`})
}

func (r *reader) level(n *node) {
	text := strings.TrimRight(r.text(n), "1234")
	if text == "fatal" {
		text = "error"
	}
	r.put("OTEL_LOG_LEVEL", text, "log_level", n)
}

func (r *reader) limits(prefix string) keys {
	return keys{
		{"attribute_value_length_limit", r.to(prefix+"VALUE_LENGTH_LIMIT", "attribute_value_length_limit")},
		{"attribute_count_limit", r.to(prefix+"COUNT_LIMIT", "attribute_count_limit")},
	}
}

func (r *reader) propagator(n *node) {
	var all []string
	at, listed := n, ""
	r.mapping(n, keys{
		{"composite", func(n *node) {
			at = n
			r.list(n, func(i *node) {
				if i.kind == mapping && len(i.entries) == 1 {
					all = append(all, i.entries[0].key.text)
				} else {
					r.ignored(i, "expected the name of a propagator and a colon")
				}
			})
		}},
		{"composite_list", func(n *node) { at, listed = n, r.text(n) }},
	})
	for _, name := range strings.Split(listed, ",") {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	if len(all) > 0 {
		r.put("OTEL_PROPAGATORS", strings.Join(all, ","), "propagator", at)
	}
}

func (r *reader) traces(n *node) {
	r.mapping(n, keys{
		{"processors", func(n *node) { r.processors(n, "TRACES", "OTEL_BSP_") }},
		{"limits", func(n *node) {
			limits := append(r.limits("OTEL_SPAN_ATTRIBUTE_"), r.each("OTEL_SPAN_", "event_count_limit link_count_limit")...)
			limits = append(limits, r.each("OTEL_", "event_attribute_count_limit link_attribute_count_limit")...)
			r.mapping(n, limits)
		}},
		{"sampler", func(n *node) { r.out.Sampler = r.sampler(n) }},
		{"tracer_configurator/development", nil},
	})
}

func (r *reader) logs(n *node) {
	r.mapping(n, keys{
		{"processors", func(n *node) { r.processors(n, "LOGS", "OTEL_BLRP_") }},
		{"limits", func(n *node) { r.mapping(n, r.limits("OTEL_LOGRECORD_ATTRIBUTE_")) }},
		{"logger_configurator/development", nil},
	})
}

// processors reads those of spans or log records: one exporter of OTLP, and the console.
func (r *reader) processors(n *node, signal, prefix string) {
	r.list(n, func(i *node) {
		r.one(i, "a processor", keys{
			{"batch", func(n *node) {
				exporter := n
				const settings = "schedule_delay export_timeout max_queue_size max_export_batch_size"
				batch := append(r.each(prefix, settings), key{"exporter", nothing})
				r.mapping(n, append(alike(nothing, settings), key{"exporter", func(n *node) { exporter = n }}))
				if exporter == n {
					r.ignored(i, "a processor without an exporter")
				} else if r.exporter(exporter, signal, r.otlp) {
					r.mapping(n, batch)
				}
			}},
			{"simple", func(n *node) {
				r.mapping(n, keys{{"exporter", func(n *node) {
					if r.exporter(n, signal, r.otlp) && n.entries[0].key.text != "console" {
						r.tell(i.place() + `a simple processor of OTLP sends in batches, as "batch" does`)
					}
				}}})
			}},
		})
	})
}

// adds adds an exporter of a signal, and reports whether it is the first of its name.
func (r *reader) adds(n *node, signal, name string) bool {
	variable := "OTEL_" + signal + "_EXPORTER"
	all := r.out.Values[variable].Text
	if all == "none" {
		all = ""
	}
	if slices.Contains(strings.Split(all, ","), name) {
		r.ignored(n, "a second exporter of "+strings.ToLower(signal)+" by "+name+unsupported)
		return false
	}
	r.put(variable, strings.TrimPrefix(all+","+name, ","), "exporter", n)
	return true
}

// exporter reads an exporter of a signal, and reports whether it is used.
func (r *reader) exporter(n *node, signal string, otlp func(n *node, signal, protocol string)) (used bool) {
	by := func(protocol string) func(*node) {
		return func(settings *node) {
			if used = r.adds(n, signal, "otlp"); used {
				otlp(settings, signal, protocol)
			}
		}
	}
	r.one(n, "an exporter", keys{
		{"otlp_http", by("http/protobuf")},
		{"otlp_grpc", by("grpc")},
		{"console", func(*node) { used = r.adds(n, signal, "console") }},
		{"otlp_file/development", nil},
	})
	return used
}

// otlp reads an exporter of OTLP.
func (r *reader) otlp(n *node, signal, protocol string) {
	r.mapping(n, r.collector(n, signal, protocol))
}

// collector returns the keys of an exporter of OTLP.
func (r *reader) collector(at *node, signal, protocol string) keys {
	prefix := "OTEL_EXPORTER_OTLP_" + signal + "_"
	r.put(prefix+"PROTOCOL", protocol, "exporter", at)
	var headers []string
	header := func(at *node) { r.put(prefix+"HEADERS", strings.Join(headers, ","), "headers", at) }
	secure := keys{
		{"ca_file", r.to(prefix+"CERTIFICATE", "ca_file")},
		{"key_file", r.to(prefix+"CLIENT_KEY", "key_file")},
		{"cert_file", r.to(prefix+"CLIENT_CERTIFICATE", "cert_file")},
	}
	known := keys{
		{"endpoint", r.to(prefix+"ENDPOINT", "endpoint")},
		{"compression", r.to(prefix+"COMPRESSION", "compression")},
		{"timeout", r.to(prefix+"TIMEOUT", "timeout")},
		{"tls", func(n *node) { r.mapping(n, secure) }},
		{"headers_list", func(n *node) {
			headers = append([]string{r.text(n)}, headers...) // the later of one name wins
			header(n)
		}},
		{"headers", func(n *node) {
			r.list(n, func(i *node) {
				var name, value string
				r.mapping(i, keys{{"name", func(n *node) { name = r.text(n) }}, {"value", func(n *node) { value = r.text(n) }}})
				headers = append(headers, name+"="+escape(value))
			})
			header(n)
		}},
	}
	if protocol == "grpc" {
		secure = append(secure, key{"insecure", r.to(prefix+"INSECURE", "insecure")})
	} else {
		known = append(known, key{"encoding", func(n *node) {
			if s := r.text(n); s != "" && s != "protobuf" {
				r.ignored(n, "encoding "+strconv.Quote(s)+unsupported+", protobuf is")
			}
		}})
	}
	return known
}

// escape writes what a list of name=value pairs gives meaning to as a number.
func escape(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if strings.IndexByte("%,= ", c) >= 0 {
			const digits = "0123456789ABCDEF"
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}

func (r *reader) metrics(n *node) {
	series := func(n *node) {
		known := append(alike(nil, "counter gauge histogram observable_counter observable_gauge observable_up_down_counter up_down_counter"),
			key{"default", r.to("OTEL_GO_X_CARDINALITY_LIMIT", "default")})
		r.mapping(n, known)
	}
	otlp := func(n *node, signal, protocol string) {
		known := r.collector(n, signal, protocol)
		const prefix = "OTEL_EXPORTER_OTLP_METRICS_"
		known = append(known,
			key{"temporality_preference", r.named(prefix+"TEMPORALITY_PREFERENCE", "temporality_preference", "low_memory", "lowmemory")},
			key{"default_histogram_aggregation", r.to(prefix+"DEFAULT_HISTOGRAM_AGGREGATION", "default_histogram_aggregation")})
		r.mapping(n, known)
	}
	r.mapping(n, keys{
		{"readers", func(n *node) {
			r.list(n, func(i *node) {
				r.one(i, "a reader", keys{
					{"periodic", func(n *node) {
						r.mapping(n, keys{
							{"interval", r.to("OTEL_METRIC_EXPORT_INTERVAL", "interval")},
							{"timeout", r.to("OTEL_METRIC_EXPORT_TIMEOUT", "timeout")},
							{"exporter", func(n *node) { r.exporter(n, "METRICS", otlp) }},
							{"cardinality_limits", series},
							{"producers", nil},
						})
					}},
					{"pull", func(n *node) {
						r.mapping(n, keys{
							{"exporter", func(n *node) { r.one(n, "an exporter", keys{{"prometheus/development", r.prometheus}}) }},
							{"cardinality_limits", series},
							{"producers", nil},
						})
					}},
				})
			})
		}},
		{"exemplar_filter", r.to("OTEL_METRICS_EXEMPLAR_FILTER", "exemplar_filter")},
		{"views", nil},
		{"meter_configurator/development", nil},
	})
}

func (r *reader) prometheus(n *node) {
	if !r.adds(n, "METRICS", "prometheus") {
		return
	}
	r.mapping(n, keys{
		{"host", r.to("OTEL_EXPORTER_PROMETHEUS_HOST", "host")},
		{"port", r.to("OTEL_EXPORTER_PROMETHEUS_PORT", "port")},
		{"without_scope_info", nil},
		{"without_target_info", nil},
		{"with_resource_constant_labels", nil},
		{"translation_strategy", nil},
	})
}

// instrumentation reads what is said to all languages, and to ours: an instrumentation by the name of its folder with its settings, of
// which enabled is one, and settings of the runtime, as exit_timeout, each as its variable.
func (r *reader) instrumentation(n *node) {
	headers := func(of string) func(*node) {
		return func(n *node) {
			known := keys{}
			for _, way := range []string{"request", "response"} {
				name := "OTEL_INSTRUMENTATION_HTTP_" + of + "_CAPTURE_" + strings.ToUpper(way) + "_HEADERS"
				read := func(n *node) { r.put(name, strings.Join(r.texts(n), ","), way+"_captured_headers", n) }
				known = append(known, key{way + "_captured_headers", read})
			}
			r.mapping(n, known)
		}
	}
	known := keys{
		{"general", func(n *node) {
			r.mapping(n, keys{
				{"peer", nil},
				{"http", func(n *node) { r.mapping(n, keys{{"client", headers("CLIENT")}, {"server", headers("SERVER")}}) }},
			})
		}},
		{"go", r.own},
	}
	known = append(known, alike(nothing, "cpp dotnet erlang java js php python ruby rust swift")...)
	r.mapping(n, known)
}

func (r *reader) own(n *node) {
	if n.null() || n.kind != mapping {
		r.mapping(n, nil)
		return
	}
	for _, e := range n.entries {
		name := Variable(e.key.text)
		switch e.value.kind {
		case scalar:
			r.put("OTEL_GO_WEAVE_"+name, r.text(e.value), e.key.text, e.value)
		case sequence:
			r.put("OTEL_GO_WEAVE_"+name, strings.Join(r.texts(e.value), ","), e.key.text, e.value)
		case mapping:
			for _, setting := range e.value.entries {
				r.put("OTEL_INSTRUMENTATION_"+name+"_"+Variable(setting.key.text), r.text(setting.value), e.key.text+"."+setting.key.text, setting.value)
			}
		}
	}
}

// Variable is how names of variables have a name: in upper case, with an underscore for every byte that is neither a letter nor a digit.
func Variable(name string) string {
	b := []byte(name)
	for i, c := range b {
		switch {
		case 'a' <= c && c <= 'z':
			b[i] = c - 'a' + 'A'
		case 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		default:
			b[i] = '_'
		}
	}
	return string(b)
}

func (r *reader) resource(n *node) {
	r.mapping(n, keys{
		{"attributes", func(n *node) { r.list(n, r.attribute) }},
		{"attributes_list", r.to("OTEL_RESOURCE_ATTRIBUTES", "attributes_list")},
		{"schema_url", nothing},
		{"detection/development", nothing}, // what there is to detect always is, and what is written here wins
	})
}

func (r *reader) attribute(n *node) {
	var name, kind string
	var value *node
	r.mapping(n, keys{
		{"name", func(n *node) { name = r.text(n) }},
		{"type", func(n *node) { kind = r.text(n) }},
		{"value", func(n *node) { value = n }},
	})
	if name == "" || value == nil {
		r.ignored(n, "an attribute without a name or a value")
		return
	}
	element, array := strings.CutSuffix(kind, "_array")
	nodes := []*node{value}
	if value.kind == sequence {
		array, nodes = true, value.items
	} else if array {
		r.ignored(value, "expected a sequence")
		return
	}
	if element == "" && len(nodes) > 0 {
		element = nodes[0].is()
	}
	var of any
	switch element {
	case "string":
		of = values(r, nodes, array, func(s string) (string, error) { return s, nil })
	case "bool":
		of = values(r, nodes, array, strconv.ParseBool)
	case "int":
		of = values(r, nodes, array, func(s string) (int64, error) { return strconv.ParseInt(s, 0, 64) })
	case "double":
		of = values(r, nodes, array, func(s string) (float64, error) { return strconv.ParseFloat(s, 64) })
	case "":
		return // an array of nothing
	default:
		r.ignored(n, "type "+strconv.Quote(kind)+" is not one of string, bool, int, double, string_array, bool_array, int_array, double_array")
	}
	if of != nil {
		r.out.Attributes = append(r.out.Attributes, Attribute{name, of})
	}
}

// is the type of a scalar, by its text (YAML 1.2, 10.3.2).
func (n *node) is() string {
	if !n.plain {
		return "string"
	}
	if n.text == "true" || n.text == "false" {
		return "bool"
	}
	if _, err := strconv.ParseInt(n.text, 0, 64); err == nil {
		return "int"
	}
	if _, err := strconv.ParseFloat(n.text, 64); err == nil {
		return "double"
	}
	return "string"
}

// values reads one value, or an array of them; nil if one is of another type.
func values[T any](r *reader, nodes []*node, array bool, read func(string) (T, error)) any {
	var all []T
	for _, n := range nodes {
		if n.kind != scalar {
			r.ignored(n, "expected a value, not a mapping or a sequence")
			return nil
		}
		v, err := read(n.text)
		if err != nil {
			r.ignored(n, strconv.Quote(n.text)+" is not of this attribute's type")
			return nil
		}
		all = append(all, v)
	}
	if array {
		return all
	}
	return all[0]
}

func (r *reader) sampler(n *node) (s *Sampler) {
	if n.null() {
		return nil
	}
	leaf := func(kind string) func(*node) { return func(*node) { s = &Sampler{Kind: kind} } }
	r.one(n, "a sampler", keys{
		{"always_on", leaf("always_on")},
		{"always_off", leaf("always_off")},
		{"trace_id_ratio_based", func(n *node) {
			s = &Sampler{Kind: "trace_id_ratio_based", Ratio: r.ratio(n)}
		}},
		{"parent_based", func(n *node) {
			of := &Sampler{Kind: "parent_based"}
			into := func(to **Sampler) func(*node) { return func(n *node) { *to = r.sampler(n) } }
			r.mapping(n, keys{
				{"root", into(&of.Root)},
				{"remote_parent_sampled", into(&of.RemoteSampled)}, {"remote_parent_not_sampled", into(&of.RemoteNotSampled)},
				{"local_parent_sampled", into(&of.LocalSampled)}, {"local_parent_not_sampled", into(&of.LocalNotSampled)},
			})
			s = of
		}},
		{"composite/development", func(n *node) { s = r.composite(n) }},
		{"probability/development", func(n *node) { s = &Sampler{Kind: "probability", Composite: true, Ratio: r.ratio(n)} }},
		{"jaeger_remote/development", nil},
	})
	return s
}

// ratio reads the ratio of a sampler; 1 if there is none.
func (r *reader) ratio(n *node) float64 {
	ratio := 1.0
	r.mapping(n, keys{{"ratio", func(n *node) {
		if f, err := strconv.ParseFloat(r.text(n), 64); err != nil || !(0 <= f && f <= 1) {
			r.ignored(n, strconv.Quote(n.text)+" is not a number from 0 to 1")
		} else {
			ratio = f
		}
	}}})
	return ratio
}

// composite reads a sampler within a composite one.
func (r *reader) composite(n *node) (s *Sampler) {
	leaf := func(kind string) func(*node) { return func(*node) { s = &Sampler{Kind: kind, Composite: true} } }
	r.one(n, "a sampler", keys{
		{"always_on", leaf("always_on")},
		{"always_off", leaf("always_off")},
		{"probability", func(n *node) {
			s = &Sampler{Kind: "probability", Composite: true, Ratio: r.ratio(n)}
		}},
		{"parent_threshold", func(n *node) {
			of := &Sampler{Kind: "parent_threshold", Composite: true}
			r.mapping(n, keys{{"root", func(n *node) { of.Root = r.composite(n) }}})
			s = of
		}},
		{"rule_based", func(n *node) {
			of := &Sampler{Kind: "rule_based", Composite: true}
			r.mapping(n, keys{{"rules", func(n *node) {
				r.list(n, func(i *node) {
					if rule := r.rule(i); rule.Sampler != nil {
						of.Rules = append(of.Rules, rule)
					}
				})
			}}})
			s = of
		}},
	})
	return s
}

func (r *reader) rule(n *node) (rule Rule) {
	fine := true
	among := func(to *[]string, names string) func(*node) {
		return func(n *node) {
			for _, s := range r.texts(n) {
				if !slices.Contains(strings.Fields(names), s) {
					r.ignored(n, strconv.Quote(s)+" is none of "+strings.ReplaceAll(names, " ", ", "))
					fine = false
				}
				*to = append(*to, s)
			}
		}
	}
	attribute := func(n *node, patterns bool) {
		c := Condition{Patterns: patterns}
		into := func(to *[]string) func(*node) { return func(n *node) { *to = r.texts(n) } }
		known := keys{{"key", func(n *node) { c.Key = r.text(n) }}}
		if patterns {
			known = append(known, key{"included", into(&c.Included)}, key{"excluded", into(&c.Excluded)})
		} else {
			known = append(known, key{"values", into(&c.Values)})
		}
		r.mapping(n, known)
		fine = fine && c.Key != "" && (patterns || len(c.Values) > 0)
		rule.Attributes = append(rule.Attributes, c)
	}
	r.mapping(n, keys{
		{"attribute_values", func(n *node) { attribute(n, false) }},
		{"attribute_patterns", func(n *node) { attribute(n, true) }},
		{"span_kinds", among(&rule.Kinds, "client consumer internal producer server")},
		{"parent", among(&rule.Parents, "none remote local")},
		{"sampler", func(n *node) { rule.Sampler = r.composite(n) }},
	})
	if rule.Sampler == nil || !fine {
		r.ignored(n, "a rule without a sampler, or with a condition that is not understood")
		return Rule{}
	}
	return rule
}
