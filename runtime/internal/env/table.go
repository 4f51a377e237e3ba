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
	{Name: "OTEL_SDK_DISABLED", Kind: Boolean, Default: "false", Doc: "`true`: no telemetry at all"},
	{Name: "OTEL_SERVICE_NAME", Kind: Text, Doc: "`service.name` of the resource; by default the program's file name"},
	{Name: "OTEL_RESOURCE_ATTRIBUTES", Kind: Pairs, secret: true, Doc: "attributes of the resource, percent-encoded; one invalid pair discards all"},
	{Name: "OTEL_PROPAGATORS", Kind: Choices, Values: []string{"tracecontext", "baggage", "b3", "b3multi", "none"}, Default: "tracecontext,baggage", Doc: "headers that carry contexts"},
	{Name: "OTEL_LOG_LEVEL", Kind: Choice, Values: []string{"none", "off", "error", "warn", "info", "debug", "verbose", "trace", "all"}, Default: "info",
		Doc: "`none` or `off`: no line of ours on stderr; `debug`: [reports what the program does with telemetry](../docs/troubleshooting.md), and names each `OTEL_*` variable that is not read or matches no instrumentation"},
	{Name: "OTEL_GO_WEAVE_DIAGNOSTICS", Kind: Boolean, Default: "false", Doc: "like `OTEL_LOG_LEVEL=debug`, but not read by other SDKs in the program"},

	{Name: "OTEL_INSTRUMENTATION_<NAME>_ENABLED", Kind: Boolean, Default: "OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED",
		Doc: "`false` turns off one instrumentation: [names](../docs/catalogue.md), `OPENTELEMETRY` (the program's own spans), `RUNTIME_METRICS`"},
	{Name: "OTEL_INSTRUMENTATION_LOG_ENABLED", Kind: Boolean, Default: "false", Doc: "trace and span IDs in lines of package log; see [logs](#what-a-program-logs)"},
	{Name: "OTEL_INSTRUMENTATION_OPENTELEMETRY_ENABLED", Kind: Boolean, Default: "OTEL_INSTRUMENTATION_OTEL_TRACE_ENABLED",
		Doc: "the program's own spans; `OTEL_TRACE`, the name of the folder, is a synonym"},
	{Name: "OTEL_INSTRUMENTATION_COMMON_DEFAULT_ENABLED", Kind: Boolean, Default: "true", Doc: "default for instrumentations without a variable of their own"},
	{Name: "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_REQUEST_HEADERS", Kind: Names, Doc: "headers to record"},
	{Name: "OTEL_INSTRUMENTATION_HTTP_SERVER_CAPTURE_RESPONSE_HEADERS", Kind: Names, Doc: "headers to record"},
	{Name: "OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_REQUEST_HEADERS", Kind: Names, Doc: "headers to record"},
	{Name: "OTEL_INSTRUMENTATION_HTTP_CLIENT_CAPTURE_RESPONSE_HEADERS", Kind: Names, Doc: "headers to record"},
	{Name: "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", Kind: Boolean, Default: "false", Doc: "records prompts and answers of models as span attributes; they may contain any data"},
	{Name: "OTEL_GO_WEAVE_GOROUTINE_CONTEXT", Kind: Boolean, Default: "true", Doc: "active spans of goroutines as parents, if the context has none"},
	{Name: "OTEL_GO_WEAVE_DB_ERROR_TEXT", Kind: Boolean, Default: "false",
		Doc: "records error texts of databases, which may contain values; otherwise class and code only: `SQLSTATE 22P02 (data exception)`"},
	{Name: "OTEL_GO_WEAVE_RPC_EXCLUDE", Kind: Names, Doc: "services without spans and metrics: `grpc.health.v1.Health,grpc.reflection.v1.ServerReflection`"},
	{Name: "OTEL_GO_WEAVE_REDIS_ARGUMENTS", Kind: Boolean, Default: "true", Doc: "`false`: only names of Redis commands are recorded, no keys"},
	{Name: "OTEL_GO_WEAVE_EXIT_TIMEOUT", Kind: Milliseconds, Min: 1, Max: 10 * 60 * 1000, Default: "3000", Doc: "longest wait at the end of a program for pending telemetry"},

	{Name: "OTEL_TRACES_SAMPLER", Kind: Choice, Values: []string{"always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"},
		Default: "parentbased_always_on", Doc: "sampler of traces"},
	{Name: "OTEL_TRACES_SAMPLER_ARG", Kind: Ratio, Min: 0, Max: 1, Default: "1", Doc: "the ratio of `traceidratio`"},
	{Name: "OTEL_TRACES_EXPORTER", Kind: Choices, Values: []string{"otlp", "console", "logging", "none"}, Default: "otlp", Doc: "exporters of spans"},
	{Name: "OTEL_METRICS_EXPORTER", Kind: Choices, Values: []string{"otlp", "prometheus", "console", "logging", "none"}, Default: "otlp", Doc: "exporters of metrics"},
	{Name: "OTEL_LOGS_EXPORTER", Kind: Choices, Values: []string{"otlp", "console", "logging", "none"}, Default: "otlp", Doc: "exporters of log records, if the program is built to export them"},

	{Name: "OTEL_EXPORTER_OTLP_ENDPOINT", Kind: Address, signals: true, secret: true, Default: "http://localhost:4318",
		Doc: "the collector; user and password in the URL authenticate; the default for gRPC is `http://localhost:4317`"},
	{Name: "OTEL_EXPORTER_OTLP_PROTOCOL", Kind: Choice, Values: []string{"http/protobuf", "grpc"}, signals: true, Default: "http/protobuf", Doc: "the default is `grpc` if only that is linked"},
	{Name: "OTEL_EXPORTER_OTLP_HEADERS", Kind: Pairs, signals: true, secret: true, Doc: "headers of requests, percent-encoded"},
	{Name: "OTEL_EXPORTER_OTLP_COMPRESSION", Kind: Choice, Values: []string{"none", "gzip"}, signals: true, Default: "none", Doc: "compression of requests"},
	{Name: "OTEL_EXPORTER_OTLP_TIMEOUT", Kind: Milliseconds, Min: 1, Max: day, signals: true, Default: "10000", Doc: "time for a request with all its attempts"},
	{Name: "OTEL_EXPORTER_OTLP_INSECURE", Kind: Boolean, signals: true, Default: "false", Doc: "gRPC without TLS, if the endpoint has no scheme"},
	{Name: "OTEL_EXPORTER_OTLP_CERTIFICATE", Kind: File, signals: true, Doc: "CA certificates to verify the collector's certificate"},
	{Name: "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", Kind: File, signals: true, Doc: "client certificate"},
	{Name: "OTEL_EXPORTER_OTLP_CLIENT_KEY", Kind: File, signals: true, Doc: "key of the client certificate"},
	{Name: "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", Kind: Choice, Values: []string{"cumulative", "delta", "lowmemory"}, Default: "cumulative", Doc: "temporality of counters and histograms"},
	{Name: "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", Kind: Choice, Values: []string{"explicit_bucket_histogram", "base2_exponential_bucket_histogram"},
		Default: "explicit_bucket_histogram", Doc: "buckets of histograms"},
	{Name: "OTEL_EXPORTER_PROMETHEUS_HOST", Kind: Text, Default: "localhost", Doc: "host of the port for Prometheus"},
	{Name: "OTEL_EXPORTER_PROMETHEUS_PORT", Kind: Integer, Min: 0, Max: 65535, Default: "9464", Doc: "port for Prometheus"},

	{Name: "OTEL_BSP_SCHEDULE_DELAY", Kind: Milliseconds, Min: 1, Max: day, Default: "5000", Doc: "longest time between the end of a span and its export"},
	{Name: "OTEL_BSP_EXPORT_TIMEOUT", Kind: Milliseconds, Min: 1, Max: day, Default: "30000", Doc: "time for the export of a batch"},
	{Name: "OTEL_BSP_MAX_QUEUE_SIZE", Kind: Integer, Min: 1, Max: most, Default: "2048", Doc: "queued spans; further ones are dropped"},
	{Name: "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", Kind: Integer, Min: 1, Max: most, Default: "512", Doc: "spans in a request"},
	{Name: "OTEL_BLRP_SCHEDULE_DELAY", Kind: Milliseconds, Min: 1, Max: day, Default: "1000", Doc: "longest time between a log record and its export"},
	{Name: "OTEL_BLRP_EXPORT_TIMEOUT", Kind: Milliseconds, Min: 1, Max: day, Default: "30000", Doc: "time for the export of a batch"},
	{Name: "OTEL_BLRP_MAX_QUEUE_SIZE", Kind: Integer, Min: 1, Max: most, Default: "2048", Doc: "queued log records; further ones are dropped"},
	{Name: "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", Kind: Integer, Min: 1, Max: most, Default: "512", Doc: "log records in a request"},
	{Name: "OTEL_METRIC_EXPORT_INTERVAL", Kind: Milliseconds, Min: 1, Max: day, Default: "60000", Doc: "interval between exports of metrics"},
	{Name: "OTEL_METRIC_EXPORT_TIMEOUT", Kind: Milliseconds, Min: 1, Max: day, Default: "30000", Doc: "time for an export of metrics"},
	{Name: "OTEL_GO_X_CARDINALITY_LIMIT", Kind: Integer, Min: 1, Max: most, Default: "2000", Doc: "series of a metric; further ones share one overflow series"},
	{Name: "OTEL_METRICS_EXEMPLAR_FILTER", Kind: Choice, Values: []string{"trace_based", "always_on", "always_off"}, Default: "trace_based", Doc: "measurements that become exemplars"},

	{Name: "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", Kind: Integer, Min: 0, Max: longest, Doc: "characters of an attribute value; without it 16 KiB"},
	{Name: "OTEL_ATTRIBUTE_COUNT_LIMIT", Kind: Integer, Min: 0, Max: most, Default: "128", Doc: "attributes of an item"},
	{Name: "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", Kind: Integer, Min: 0, Max: longest, Default: "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", Doc: "characters of an attribute value in spans"},
	{Name: "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", Kind: Integer, Min: 0, Max: most, Default: "OTEL_ATTRIBUTE_COUNT_LIMIT", Doc: "attributes of a span"},
	{Name: "OTEL_SPAN_EVENT_COUNT_LIMIT", Kind: Integer, Min: 0, Max: most, Default: "128", Doc: "events of a span"},
	{Name: "OTEL_SPAN_LINK_COUNT_LIMIT", Kind: Integer, Min: 0, Max: most, Default: "128", Doc: "links of a span"},
	{Name: "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", Kind: Integer, Min: 0, Max: most, Default: "128", Doc: "attributes of an event"},
	{Name: "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", Kind: Integer, Min: 0, Max: most, Default: "128", Doc: "attributes of a link"},
	{Name: "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT", Kind: Integer, Min: 0, Max: longest, Default: "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", Doc: "characters of an attribute value in log records"},
	{Name: "OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", Kind: Integer, Min: 0, Max: most, Default: "OTEL_ATTRIBUTE_COUNT_LIMIT", Doc: "attributes of a log record"},

	{Name: "OTEL_CONFIG_FILE", Kind: File, Doc: "[a declarative configuration](../docs/configuration.md), read instead of the other variables"},
	{Name: "OTEL_EXPERIMENTAL_CONFIG_FILE", Kind: File, Doc: "like `OTEL_CONFIG_FILE`, if that is not set"},
}

// elsewhere are the prefixes of variables that OpenTelemetry's SDK reads itself.
var elsewhere = []string{"OTEL_GO_X_"}
