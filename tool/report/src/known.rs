//! Libraries that programs are asked about: those that this goweave has instrumentations for, and others that users of other tools
//! have one for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A library that a program consists of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedLibrary {
    /// Its common name.
    pub library: String,
    /// Its module, or the package that programs use it by.
    pub module: String,
    /// Version of its module, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Packages of the program that instrument the library by hand.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_hand: Vec<String>,
}

/// An instrumentation that is shipped, as `./dev generate` writes it of the folders of `instrumentation/`.
#[derive(Debug, Deserialize)]
pub struct Shipped {
    /// Its name.
    pub name: String,
    /// Its folder, where that has another name.
    folder: Option<String>,
    library: String,
    /// Modules, or packages of the standard library, any of which it is for.
    pub modules: Vec<String>,
    /// Packages which show that a program uses the library, with those below them; of none, `modules` do.
    #[serde(default, rename = "known-by")]
    known_by: Vec<String>,
    /// Spans that it makes, in words.
    pub spans: String,
    /// Metrics that it makes.
    pub metrics: Vec<String>,
}

static SHIPPED: LazyLock<Vec<Shipped>> =
    LazyLock::new(|| serde_json::from_str(include_str!("catalogue.json")).unwrap_or_default());

impl Shipped {
    /// The name of its folder.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.folder.as_deref().unwrap_or(&self.name)
    }

    /// Returns whether a program that has a package may have a use for it: it is for the standard library, or the package is of a module
    /// that it is for.
    #[must_use]
    pub fn may_be_for(&self, package: &str) -> bool {
        let of = |m: &String| !m.split('/').next().unwrap_or_default().contains('.') || within(package, m);
        self.modules.iter().any(of)
    }

    /// Packages which show that a program uses the library, each with the module that reports name it by.
    fn shown_by(&self) -> impl Iterator<Item = (&str, &str)> {
        let paths = if self.known_by.is_empty() { &self.modules } else { &self.known_by };
        paths.iter().map(|path| {
            let of = self.modules.iter().filter(|m| within(path, m)).max_by_key(|m| m.len());
            (path.as_str(), of.unwrap_or(path).as_str())
        })
    }
}

/// Instrumentations that are shipped, but what others need of every program, and what is named by its label.
#[must_use]
pub fn all_shipped() -> &'static [Shipped] {
    &SHIPPED
}

/// Finds the names that are meant by what the user wrote: the name itself, or as variables of the environment spell it (`NET_HTTP`), or
/// that of its folder. `known` has the name of each and that of its folder.
pub fn meant<'n>(given: &str, known: impl Iterator<Item = (&'n str, &'n str)> + Clone) -> Vec<&'n str> {
    let exact: Vec<&str> = known.clone().map(|(name, _)| name).filter(|name| *name == given).collect();
    if !exact.is_empty() {
        return exact;
    }
    let spelled = |name: &str| -> String {
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
    };
    let given = spelled(given);
    let fits = |(name, folder): &(&str, &str)| spelled(name) == given || *folder == given;
    known.filter(fits).map(|(name, _)| name).collect()
}

/// Finds the shipped instrumentation for a module, or for the package that reports name its library by.
pub(crate) fn shipped(module: &str) -> Option<&'static Shipped> {
    SHIPPED.iter().find(|s| s.modules.iter().any(|m| m == module) || s.shown_by().any(|(_, m)| m == module))
}

/// Libraries that make spans themselves: the module, what people call it, and how.
const OWN: &[(&str, &str, &str)] = &[
    ("cloud.google.com/go/pubsub/v2", "Pub/Sub v2", "by its setting EnableOpenTelemetryTracing"),
    ("github.com/anthropics/anthropic-sdk-go", "Anthropic", "recent versions make spans by themselves"),
    ("github.com/elastic/elastic-transport-go/v8", "Elasticsearch", "by its setting Instrumentation"),
    ("github.com/zeromicro/go-zero", "go-zero", "it makes spans by itself, by an older convention"),
    ("go.temporal.io/sdk", "Temporal", "by the interceptor in go.temporal.io/sdk/contrib/opentelemetry"),
    ("google.golang.org/api", "Google APIs", "its transports use otelgrpc and otelhttp"),
];

/// Libraries that other tools have an instrumentation for: the module, and what people call it.
const KNOWN: &[(&str, &str)] = &[
    ("cloud.google.com/go/pubsub", "Pub/Sub"),
    ("connectrpc.com/connect", "Connect"),
    ("entgo.io/ent", "ent"),
    ("github.com/99designs/gqlgen", "gqlgen"),
    ("github.com/ClickHouse/clickhouse-go/v2", "ClickHouse"),
    ("github.com/IBM/sarama", "Sarama"),
    ("github.com/Shopify/sarama", "Sarama"),
    ("github.com/aerospike/aerospike-client-go/v7", "Aerospike"),
    ("github.com/apache/pulsar-client-go", "Pulsar"),
    ("github.com/apache/rocketmq-client-go/v2", "RocketMQ"),
    ("github.com/aws/aws-lambda-go", "AWS Lambda"),
    ("github.com/aws/aws-sdk-go", "AWS SDK"),
    ("github.com/aws/aws-sdk-go-v2", "AWS SDK v2"),
    ("github.com/bradfitz/gomemcache", "memcached"),
    ("github.com/cloudwego/hertz", "Hertz"),
    ("github.com/cloudwego/kitex", "Kitex"),
    ("github.com/confluentinc/confluent-kafka-go/v2", "Kafka (confluent)"),
    ("github.com/eclipse/paho.mqtt.golang", "MQTT (Paho)"),
    ("github.com/elastic/go-elasticsearch/v8", "Elasticsearch"),
    ("github.com/emicklei/go-restful/v3", "go-restful"),
    ("github.com/gin-gonic/gin", "gin"),
    ("github.com/go-chi/chi", "chi"),
    ("github.com/go-chi/chi/v5", "chi"),
    ("github.com/go-kit/log", "Go kit log"),
    ("github.com/go-kratos/kratos/v2", "Kratos"),
    ("github.com/go-logr/logr", "logr"),
    ("github.com/go-pg/pg/v10", "go-pg"),
    ("github.com/go-redis/redis/v8", "go-redis"),
    ("github.com/gocql/gocql", "Cassandra (gocql)"),
    ("github.com/gofiber/fiber/v2", "Fiber"),
    ("github.com/gofiber/fiber/v3", "Fiber"),
    ("github.com/gomodule/redigo", "redigo"),
    ("github.com/gorilla/mux", "gorilla/mux"),
    ("github.com/gorilla/websocket", "gorilla/websocket"),
    ("github.com/graph-gophers/graphql-go", "graph-gophers"),
    ("github.com/graphql-go/graphql", "graphql-go"),
    ("github.com/hashicorp/consul/api", "Consul"),
    ("github.com/hashicorp/vault/api", "Vault"),
    ("github.com/hibiken/asynq", "asynq"),
    ("github.com/influxdata/influxdb-client-go/v2", "InfluxDB"),
    ("github.com/jackc/pgx/v5", "pgx"),
    ("github.com/jmoiron/sqlx", "sqlx"),
    ("github.com/julienschmidt/httprouter", "httprouter"),
    ("github.com/labstack/echo/v4", "Echo"),
    ("github.com/labstack/echo/v5", "Echo"),
    ("github.com/mark3labs/mcp-go", "MCP (mcp-go)"),
    ("github.com/minio/minio-go/v7", "MinIO"),
    ("github.com/modelcontextprotocol/go-sdk", "MCP"),
    ("github.com/nats-io/nats.go", "NATS"),
    ("github.com/neo4j/neo4j-go-driver/v5", "Neo4j"),
    ("github.com/openai/openai-go", "OpenAI"),
    ("github.com/openai/openai-go/v3", "OpenAI"),
    ("github.com/opensearch-project/opensearch-go/v4", "OpenSearch"),
    ("github.com/rabbitmq/amqp091-go", "RabbitMQ"),
    ("github.com/redis/go-redis/v9", "go-redis"),
    ("github.com/redis/rueidis", "rueidis"),
    ("github.com/riverqueue/river", "River"),
    ("github.com/robfig/cron/v3", "cron"),
    ("github.com/rs/zerolog", "zerolog"),
    ("github.com/sashabaranov/go-openai", "OpenAI (go-openai)"),
    ("github.com/segmentio/kafka-go", "kafka-go"),
    ("github.com/sirupsen/logrus", "logrus"),
    ("github.com/streadway/amqp", "RabbitMQ"),
    ("github.com/tmc/langchaingo", "LangChainGo"),
    ("github.com/twitchtv/twirp", "Twirp"),
    ("github.com/twmb/franz-go", "franz-go"),
    ("github.com/uptrace/bun", "bun"),
    ("github.com/valkey-io/valkey-go", "valkey-go"),
    ("github.com/valyala/fasthttp", "fasthttp"),
    ("go.etcd.io/etcd/client/v3", "etcd"),
    ("go.uber.org/zap", "zap"),
    ("google.golang.org/genai", "Google GenAI"),
    ("google.golang.org/grpc", "gRPC"),
    ("gorm.io/gorm", "GORM"),
    ("k8s.io/client-go", "Kubernetes client"),
    ("k8s.io/klog/v2", "klog"),
];

/// Path of OpenTelemetry's packages that instrument a library by hand; the library's path follows.
const CONTRIB: &str = "go.opentelemetry.io/contrib/instrumentation/";

/// Other packages that instrument by hand, and the module that they are for.
const BY_HAND: &[(&str, &str)] = &[
    ("connectrpc.com/otelconnect", "connectrpc.com/connect"),
    ("github.com/XSAM/otelsql", "database/sql"),
    ("github.com/exaring/otelpgx", "github.com/jackc/pgx/v5"),
    ("github.com/redis/go-redis/extra/redisotel", "github.com/redis/go-redis"),
    ("github.com/redis/rueidis/rueidisotel", "github.com/redis/rueidis"),
    ("github.com/riandyrn/otelchi", "github.com/go-chi/chi"),
    ("github.com/twmb/franz-go/plugin/kotel", "github.com/twmb/franz-go"),
    ("github.com/uptrace/bun/extra/bunotel", "github.com/uptrace/bun"),
    ("github.com/uptrace/opentelemetry-go-extra/otelgorm", "gorm.io/gorm"),
    ("github.com/uptrace/opentelemetry-go-extra/otelsql", "database/sql"),
    ("github.com/uptrace/opentelemetry-go-extra/otelzap", "go.uber.org/zap"),
    ("go.nhat.io/otelsql", "database/sql"),
    ("gorm.io/plugin/opentelemetry", "gorm.io/gorm"),
];

/// Returns how a library makes spans itself.
pub(crate) fn itself(module: &str) -> Option<&'static str> {
    OWN.iter().find(|(m, ..)| *m == module).map(|(_, _, how)| *how)
}

/// Returns whether a package is of a module, or below another package.
fn within(package: &str, root: &str) -> bool {
    package.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The module without a major version at its end.
fn without_major(module: &str) -> &str {
    let major =
        |v: &str| v.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    module.rsplit_once('/').filter(|(_, last)| major(last)).map_or(module, |(rest, _)| rest)
}

/// Returns what a package instruments by hand.
fn by_hand(package: &str) -> Option<&str> {
    if let Some(rest) = package.strip_prefix(CONTRIB) {
        // The path of a package of the library, and one element more.
        let parts: Vec<&str> = rest.split('/').collect();
        let at = parts.iter().rposition(|p| p.starts_with("otel"))?;
        let length = parts[..at].iter().map(|p| p.len() + 1).sum::<usize>();
        return rest.get(..length.checked_sub(1)?);
    }
    BY_HAND.iter().find(|(p, _)| within(package, p)).map(|(_, module)| *module)
}

/// Lists the libraries among the packages of a program, by what people call them. A package of the standard library is a library itself.
pub fn libraries<'p>(packages: impl IntoIterator<Item = &'p str>) -> Vec<LinkedLibrary> {
    // By path: the module that reports name the library by, and what people call it. What is shipped comes last, and holds.
    let mut known: BTreeMap<&str, (&str, &str)> =
        KNOWN.iter().map(|(module, library)| (*module, (*module, *library))).collect();
    known.extend(OWN.iter().map(|(module, library, _)| (*module, (*module, *library))));
    for s in SHIPPED.iter() {
        known.extend(s.shown_by().map(|(path, module)| (path, (module, s.library.as_str()))));
    }
    let mut found: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    let mut hands = Vec::new();
    for package in packages {
        if let Some(of) = by_hand(package) {
            hands.push((of, package));
            continue;
        }
        // The longest path that is known: a module may be below another.
        let mut at = package;
        let library = loop {
            if let Some(library) = known.get(at) {
                // A package of the standard library is not a module: what is below it is another.
                break (at.split('/').next().is_some_and(|f| f.contains('.')) || at == package)
                    .then_some(*library);
            }
            match at.rsplit_once('/') {
                Some((up, _)) => at = up,
                None => break None,
            }
        };
        if let Some(library) = library {
            found.entry(library).or_default();
        }
    }
    for (of, package) in hands {
        let same = |m: &str| m == of || without_major(m) == without_major(of) || within(of, m);
        for (_, all) in found.iter_mut().filter(|((module, _), _)| same(module)) {
            all.insert(package);
        }
    }
    let mut all: Vec<LinkedLibrary> = found
        .into_iter()
        .map(|((module, library), hands)| LinkedLibrary {
            library: library.to_owned(),
            module: module.to_owned(),
            version: None,
            by_hand: hands.into_iter().map(str::to_owned).collect(),
        })
        .collect();
    all.sort_by(|a, b| (a.library.to_lowercase(), &a.module).cmp(&(b.library.to_lowercase(), &b.module)));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(packages: &[&str]) -> Vec<String> {
        let hands = |l: &LinkedLibrary| l.by_hand.iter().map(|h| format!(" by {h}")).collect::<String>();
        libraries(packages.iter().copied()).iter().map(|l| format!("{}{}", l.module, hands(l))).collect()
    }

    #[test]
    fn libraries_are_known_by_their_packages() {
        assert_eq!(
            of(&[
                "google.golang.org/grpc/codes",
                "google.golang.org/grpc",
                "net/http/httptest",
                "net/http",
                "example.com/grpc"
            ]),
            ["google.golang.org/grpc", "net/http"]
        );
        assert_eq!(of(&["net/http/httptest"]), Vec::<String>::new());
        assert_eq!(of(&["github.com/redis/go-redis/v9/internal/pool"]), ["github.com/redis/go-redis/v9"]);
        // What others use without a database.
        assert_eq!(of(&["go.mongodb.org/mongo-driver/v2/bson"]), Vec::<String>::new());
        assert_eq!(of(&["go.mongodb.org/mongo-driver/v2/mongo/options"]), ["go.mongodb.org/mongo-driver/v2"]);
        // What others have of it, too.
        assert_eq!(of(&["github.com/aws/smithy-go/middleware"]), Vec::<String>::new());
        assert_eq!(
            of(&["github.com/aws/aws-sdk-go-v2/service/s3", "github.com/aws/smithy-go/middleware"]),
            ["github.com/aws/aws-sdk-go-v2"]
        );
        assert_eq!(shipped("github.com/aws/aws-sdk-go-v2").map(|s| s.name.as_str()), Some("aws"));
        assert_eq!(
            of(&["github.com/jackc/pgx/v5/pgxpool", "github.com/jackc/pgxother"]),
            ["github.com/jackc/pgx/v5"]
        );
    }

    #[test]
    fn names_are_those_of_switches_and_folders_too() {
        let known =
            [("net/http", "net_http"), ("opentelemetry", "otel_trace"), ("my/own", ""), ("my_own", "")];
        let of = |given| meant(given, known.into_iter()).join(" ");
        for given in ["net/http", "net_http", "NET_HTTP", "Net-HTTP"] {
            assert_eq!(of(given), "net/http", "{given}");
        }
        assert_eq!((of("OTEL_TRACE"), of("OPENTELEMETRY")), ("opentelemetry".into(), "opentelemetry".into()));
        assert_eq!(
            (of("my_own"), of("MY_OWN"), of("http")),
            ("my_own".into(), "my/own my_own".into(), String::new())
        );
        let folders: Vec<&str> =
            SHIPPED.iter().filter(|s| s.folder() != s.name).map(Shipped::folder).collect();
        assert_eq!(folders, ["database_sql", "log_slog", "net_http", "net_rpc", "otel_trace"]);
    }

    #[test]
    fn what_may_be_for_a_package_is_read() {
        let of = |package: &str| -> Vec<&str> {
            SHIPPED.iter().filter(|s| s.may_be_for(package)).map(|s| s.name.as_str()).collect()
        };
        let std = ["database/sql", "log", "log/slog", "net/http", "net/rpc"];
        assert_eq!(of("example.com/grpc"), std);
        let mut want = std.to_vec();
        want.insert(1, "grpc");
        assert_eq!(of("google.golang.org/grpc/codes"), want);
    }

    #[test]
    fn what_instruments_by_hand_is_told_of_the_library() {
        let otelgrpc = "go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc";
        assert_eq!(
            of(&["google.golang.org/grpc", otelgrpc, &format!("{otelgrpc}/internal"), "net/http"]),
            [format!("google.golang.org/grpc by {otelgrpc} by {otelgrpc}/internal"), "net/http".to_owned()]
        );
        assert_eq!(
            of(&["github.com/redis/go-redis/v9", "github.com/redis/go-redis/extra/redisotel/v9"]),
            ["github.com/redis/go-redis/v9 by github.com/redis/go-redis/extra/redisotel/v9"]
        );
        assert_eq!(
            of(&["net/http", "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"]),
            ["net/http by go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"]
        );
        assert_eq!(
            of(&["go.opentelemetry.io/contrib/instrumentation/otelnone", "otel"]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn tables_are_in_order_and_name_nothing_twice() {
        let ordered = |all: Vec<&str>| all.windows(2).all(|w| w[0] < w[1]);
        assert!(ordered(KNOWN.iter().map(|k| k.0).collect()));
        assert!(ordered(OWN.iter().map(|k| k.0).collect()));
        assert!(ordered(BY_HAND.iter().map(|k| k.0).collect()));
        assert!(SHIPPED.iter().any(|s| s.name == "grpc" && !s.spans.is_empty() && !s.metrics.is_empty()));
    }
}
