"""The instrumentations that this module ships; ./dev generate makes it of the folders of instrumentation/."""

visibility(["//rules/private/..."])

# Name, folder, the modules any of which it is for (none of the standard library), and whether it is on where others are named.
CATALOGUE = [
    ("amqp", "amqp", ["github.com/rabbitmq/amqp091-go", "github.com/streadway/amqp"], False),
    ("asynq", "asynq", ["github.com/hibiken/asynq"], False),
    ("aws", "aws", ["github.com/aws/smithy-go"], False),
    ("chi", "chi", ["github.com/go-chi/chi/v5"], False),
    ("cron", "cron", ["github.com/robfig/cron/v3"], False),
    ("database/sql", "database_sql", [], False),
    ("echo", "echo", ["github.com/labstack/echo/v4", "github.com/labstack/echo/v5"], False),
    ("fasthttp", "fasthttp", ["github.com/valyala/fasthttp"], False),
    ("fiber", "fiber", ["github.com/gofiber/fiber/v2", "github.com/gofiber/fiber/v3"], False),
    ("franz_go", "franz_go", ["github.com/twmb/franz-go"], False),
    ("gin", "gin", ["github.com/gin-gonic/gin"], False),
    ("go_restful", "go_restful", ["github.com/emicklei/go-restful/v3"], False),
    ("gokit", "gokit", ["github.com/go-kit/log", "github.com/go-kit/kit"], False),
    ("gomemcache", "gomemcache", ["github.com/bradfitz/gomemcache"], False),
    ("gorilla_mux", "gorilla_mux", ["github.com/gorilla/mux", "github.com/gorilla/handlers"], False),
    ("grpc", "grpc", ["google.golang.org/grpc"], False),
    ("httprouter", "httprouter", ["github.com/julienschmidt/httprouter"], False),
    ("kafka_go", "kafka_go", ["github.com/segmentio/kafka-go"], False),
    ("klog", "klog", ["k8s.io/klog/v2"], False),
    ("log", "log", [], False),
    ("log/slog", "log_slog", [], False),
    ("logrus", "logrus", ["github.com/sirupsen/logrus"], False),
    ("mongo", "mongo", ["go.mongodb.org/mongo-driver", "go.mongodb.org/mongo-driver/v2"], False),
    ("net/http", "net_http", [], False),
    ("opentelemetry", "otel_trace", ["go.opentelemetry.io/otel"], False),
    ("pgx", "pgx", ["github.com/jackc/pgx/v5"], False),
    ("redigo", "redigo", ["github.com/gomodule/redigo"], False),
    ("redis", "redis", ["github.com/redis/go-redis/v9", "github.com/go-redis/redis/v8"], False),
    ("runtime", "go_runtime", [], True),
    ("sarama", "sarama", ["github.com/IBM/sarama", "github.com/Shopify/sarama"], False),
    ("zap", "zap", ["go.uber.org/zap"], False),
    ("zerolog", "zerolog", ["github.com/rs/zerolog"], False),
]
