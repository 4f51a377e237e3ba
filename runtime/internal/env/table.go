package env

// Kind is the type of a variable.
type Kind string

// The types.
const (
	Boolean      Kind = "boolean"
	Integer      Kind = "integer"
	Milliseconds Kind = "milliseconds"
	Ratio        Kind = "number"
	Choice       Kind = "one of"
	Choices      Kind = "list of"
	Names        Kind = "list"
	Pairs        Kind = "list of name=value"
	Address      Kind = "URL"
	File         Kind = "file"
	Text         Kind = "text"
)

// Variable is an environment variable that woven programs read. It is refused if it is not of its type or not within its bounds,
// which one line on stderr says, and has its default then.
type Variable struct {
	// Name is the variable's; <NAME> in it stands for the name of an instrumentation.
	Name string
	Kind Kind
	// Min and Max are the bounds of a number.
	Min, Max int64
	// Values are those that there are.
	Values []string
	// Default is the value if there is none; the name of a variable, for what that one says.
	Default string
	// Doc says what the variable is for.
	Doc string

	// signals: there is one more for each signal, as OTEL_EXPORTER_OTLP_TRACES_ENDPOINT.
	signals bool
	// secret: its value is not shown.
	secret bool
}

const (
	day     = 24 * 60 * 60 * 1000
	most    = 1_000_000
	longest = 1 << 30
)

// Table has every variable, but for those that only another library reads. Its documentation is runtime/README.md, which a test
// compares with it. It is data that needs no initialisation: a package that is initialised before this one may read it.
var Table = []Variable{
	{Name: "OTEL_SDK_DISABLED", Kind: Boolean, Default: "false", Doc: "no telemetry at all"},
	{Name: "OTEL_SERVICE_NAME", Kind: Text, Doc: "`service.name` of the resource; the program's file name where nothing says it"},
	{Name: "OTEL_RESOURCE_ATTRIBUTES", Kind: Pairs, secret: true, Doc: "attributes of the resource, percent-encoded; one bad pair discards all"},
	{Name: "OTEL_PROPAGATORS", Kind: Choices, Values: []string{"tracecontext", "baggage", "b3", "b3multi", "none"}, Default: "tracecontext,baggage", Doc: "headers that carry contexts"},
	{Name: "OTEL_LOG_LEVEL", Kind: Choice, Values: []string{"none", "off", "error", "warn", "info", "debug", "verbose", "trace", "all"}, Default: "info",
		Doc: "`none` or `off`: no line of ours on stderr; `debug`: [what the program does with telemetry](../docs/troubleshooting.md), and each variable that looks like one of these and is not read, or switches no instrumentation"},
	{Name: "OTEL_GO_WEAVE_DIAGNOSTICS", Kind: Boolean, Default: "false", Doc: "as `OTEL_LOG_LEVEL=debug`, which other SDKs in the program may read, too"},

	{Name: "OTEL_INSTRUMENTATION_<NAME>_ENABLED", Kind: Boolean, Default: "OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED",
		Doc: "one instrumentation; [names](../docs/catalogue.md), `OPENTELEMETRY` for spans that a program makes itself, `RUNTIME_METRICS`"},
	{Name: "OTEL_INSTRUMENTATION_LOG_ENABLED", Kind: Boolean, Default: "false", Doc: "identities of spans in lines of package log; see [logs](#what-a-program-logs)"},
	{Name: "OTEL_INSTRUMENTATION_OPENTELEMETRY_ENABLED", Kind: Boolean, Default: "OTEL_INSTRUMENTATION_OTEL_TRACE_ENABLED",
		Doc: "spans that a program makes itself; `OTEL_TRACE`, as its folder is called, is the same"},
	{Name: "OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED", Kind: Boolean, Default: "true", Doc: "all that are not named"},
	{Name: "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS", Kind: Names, Doc: "headers to show"},
	{Name: "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS", Kind: Names, Doc: "headers to show"},
	{Name: "OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_REQUEST_HEADERS", Kind: Names, Doc: "headers to show"},
	{Name: "OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_RESPONSE_HEADERS", Kind: Names, Doc: "headers to show"},
	{Name: "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", Kind: Boolean, Default: "false", Doc: "what models are told and answer, as attributes of their calls' spans; it may be anything"},
	{Name: "OTEL_GO_WEAVE_GOROUTINE_CONTEXT", Kind: Boolean, Default: "true", Doc: "parents that no context names"},
	{Name: "OTEL_GO_WEAVE_DB_ERROR_TEXT", Kind: Boolean, Default: "false",
		Doc: "what databases say of errors, which has values in it that statements hide; else class and code, as `SQLSTATE 22P02 (data exception)`"},
	{Name: "OTEL_GO_WEAVE_RPC_EXCLUDE", Kind: Names, Doc: "services whose calls have no span and are not measured: `grpc.health.v1.Health,grpc.reflection.v1.ServerReflection`"},
	{Name: "OTEL_GO_WEAVE_REDIS_ARGUMENTS", Kind: Boolean, Default: "true", Doc: "`false`: of commands to Redis only the name is shown, and no key"},
	{Name: "OTEL_GO_WEAVE_EXIT_TIMEOUT", Kind: Milliseconds, Min: 1, Max: 10 * 60 * 1000, Default: "3000", Doc: "how long the end of a program waits for what is to be sent"},

	{Name: "OTEL_TRACES_SAMPLER", Kind: Choice, Values: []string{"always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"},
		Default: "parentbased_always_on", Doc: "which traces are recorded"},
	{Name: "OTEL_TRACES_SAMPLER_ARG", Kind: Ratio, Min: 0, Max: 1, Default: "1", Doc: "the ratio of `traceidratio`"},
	{Name: "OTEL_TRACES_EXPORTER", Kind: Choices, Values: []string{"otlp", "console", "logging", "none"}, Default: "otlp", Doc: "where spans go"},
	{Name: "OTEL_METRICS_EXPORTER", Kind: Choices, Values: []string{"otlp", "prometheus", "console", "logging", "none"}, Default: "otlp", Doc: "where metrics go"},
	{Name: "OTEL_LOGS_EXPORTER", Kind: Choices, Values: []string{"otlp", "console", "logging", "none"}, Default: "otlp", Doc: "where log records go, in a program that is built to export them"},

	{Name: "OTEL_EXPORTER_OTLP_ENDPOINT", Kind: Address, signals: true, secret: true, Default: "http://localhost:4318",
		Doc: "the collector; a name and a password in it authenticate; `http://localhost:4317` by gRPC"},
	{Name: "OTEL_EXPORTER_OTLP_PROTOCOL", Kind: Choice, Values: []string{"http/protobuf", "grpc"}, signals: true, Default: "http/protobuf", Doc: "`grpc` in a program that has nothing else"},
	{Name: "OTEL_EXPORTER_OTLP_HEADERS", Kind: Pairs, signals: true, secret: true, Doc: "headers of requests, percent-encoded"},
	{Name: "OTEL_EXPORTER_OTLP_COMPRESSION", Kind: Choice, Values: []string{"none", "gzip"}, signals: true, Default: "none", Doc: "of requests"},
	{Name: "OTEL_EXPORTER_OTLP_TIMEOUT", Kind: Milliseconds, Min: 1, Max: day, signals: true, Default: "10000", Doc: "of a request with all its attempts"},
	{Name: "OTEL_EXPORTER_OTLP_INSECURE", Kind: Boolean, signals: true, Default: "false", Doc: "gRPC without encryption where the endpoint has no scheme"},
	{Name: "OTEL_EXPORTER_OTLP_CERTIFICATE", Kind: File, signals: true, Doc: "certificates that the collector's is checked by"},
	{Name: "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", Kind: File, signals: true, Doc: "the program's own certificate"},
	{Name: "OTEL_EXPORTER_OTLP_CLIENT_KEY", Kind: File, signals: true, Doc: "the key of that"},
	{Name: "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", Kind: Choice, Values: []string{"cumulative", "delta", "lowmemory"}, Default: "cumulative", Doc: "what counters count from"},
	{Name: "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", Kind: Choice, Values: []string{"explicit_bucket_histogram", "base2_exponential_bucket_histogram"},
		Default: "explicit_bucket_histogram", Doc: "what buckets histograms have"},
	{Name: "OTEL_EXPORTER_PROMETHEUS_HOST", Kind: Text, Default: "localhost", Doc: "where Prometheus asks"},
	{Name: "OTEL_EXPORTER_PROMETHEUS_PORT", Kind: Integer, Min: 0, Max: 65535, Default: "9464", Doc: "where Prometheus asks"},

	{Name: "OTEL_BSP_SCHEDULE_DELAY", Kind: Milliseconds, Min: 1, Max: day, Default: "5000", Doc: "from a span's end until it is sent"},
	{Name: "OTEL_BSP_EXPORT_TIMEOUT", Kind: Milliseconds, Min: 1, Max: day, Default: "30000", Doc: "of a batch of spans"},
	{Name: "OTEL_BSP_MAX_QUEUE_SIZE", Kind: Integer, Min: 1, Max: most, Default: "2048", Doc: "spans that wait; more are dropped"},
	{Name: "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", Kind: Integer, Min: 1, Max: most, Default: "512", Doc: "spans in a request"},
	{Name: "OTEL_BLRP_SCHEDULE_DELAY", Kind: Milliseconds, Min: 1, Max: day, Default: "1000", Doc: "from a log record until it is sent"},
	{Name: "OTEL_BLRP_EXPORT_TIMEOUT", Kind: Milliseconds, Min: 1, Max: day, Default: "30000", Doc: "of a batch of log records"},
	{Name: "OTEL_BLRP_MAX_QUEUE_SIZE", Kind: Integer, Min: 1, Max: most, Default: "2048", Doc: "log records that wait; more are dropped"},
	{Name: "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", Kind: Integer, Min: 1, Max: most, Default: "512", Doc: "log records in a request"},
	{Name: "OTEL_METRIC_EXPORT_INTERVAL", Kind: Milliseconds, Min: 1, Max: day, Default: "60000", Doc: "between two exports of metrics"},
	{Name: "OTEL_METRIC_EXPORT_TIMEOUT", Kind: Milliseconds, Min: 1, Max: day, Default: "30000", Doc: "of an export of metrics"},
	{Name: "OTEL_GO_X_CARDINALITY_LIMIT", Kind: Integer, Min: 1, Max: most, Default: "2000", Doc: "series of a metric, what is told apart beyond them is one more"},
	{Name: "OTEL_METRICS_EXEMPLAR_FILTER", Kind: Choice, Values: []string{"trace_based", "always_on", "always_off"}, Default: "trace_based", Doc: "which measurements become examples"},

	{Name: "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", Kind: Integer, Min: 0, Max: longest, Doc: "characters of an attribute's value; 16 KiB if nothing is said"},
	{Name: "OTEL_ATTRIBUTE_COUNT_LIMIT", Kind: Integer, Min: 0, Max: most, Default: "128", Doc: "attributes of one thing"},
	{Name: "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", Kind: Integer, Min: 0, Max: longest, Default: "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", Doc: "characters of a value, of spans"},
	{Name: "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", Kind: Integer, Min: 0, Max: most, Default: "OTEL_ATTRIBUTE_COUNT_LIMIT", Doc: "attributes of a span"},
	{Name: "OTEL_SPAN_EVENT_COUNT_LIMIT", Kind: Integer, Min: 0, Max: most, Default: "128", Doc: "events of a span"},
	{Name: "OTEL_SPAN_LINK_COUNT_LIMIT", Kind: Integer, Min: 0, Max: most, Default: "128", Doc: "links of a span"},
	{Name: "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", Kind: Integer, Min: 0, Max: most, Default: "128", Doc: "attributes of an event"},
	{Name: "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", Kind: Integer, Min: 0, Max: most, Default: "128", Doc: "attributes of a link"},
	{Name: "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", Kind: Integer, Min: 0, Max: longest, Default: "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", Doc: "characters of a value, of log records"},
	{Name: "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", Kind: Integer, Min: 0, Max: most, Default: "OTEL_ATTRIBUTE_COUNT_LIMIT", Doc: "attributes of a log record"},

	{Name: "OTEL_CONFIG_FILE", Kind: File, Doc: "not read, which one line tells"},
	{Name: "OTEL_EXPERIMENTAL_CONFIG_FILE", Kind: File, Doc: "not read, which one line tells"},
}

// elsewhere are the prefixes of variables that OpenTelemetry's SDK reads itself.
var elsewhere = []string{"OTEL_GO_X_"}
