"""The instrumentations that this module ships; ./dev generate makes it of the folders of instrumentation/."""

visibility(["//rules/private/..."])

# Name, folder, the modules any of which it is for (none of the standard library), and whether it is on where others are named.
CATALOGUE = [
    ("database/sql", "database_sql", [], False),
    ("gokit", "gokit", ["github.com/go-kit/log", "github.com/go-kit/kit"], False),
    ("grpc", "grpc", ["google.golang.org/grpc"], False),
    ("kafka_go", "kafka_go", ["github.com/segmentio/kafka-go"], False),
    ("klog", "klog", ["k8s.io/klog/v2"], False),
    ("log", "log", [], False),
    ("log/slog", "log_slog", [], False),
    ("logrus", "logrus", ["github.com/sirupsen/logrus"], False),
    ("net/http", "net_http", [], False),
    ("opentelemetry", "otel_trace", ["go.opentelemetry.io/otel"], False),
    ("pgx", "pgx", ["github.com/jackc/pgx/v5"], False),
    ("runtime", "go_runtime", [], True),
    ("zap", "zap", ["go.uber.org/zap"], False),
    ("zerolog", "zerolog", ["github.com/rs/zerolog"], False),
]
