package weavetest

import (
	"slices"
	"testing"
)

func init() {
	all := clients(`
			FLUSHDB
			SET
			GET
			GET
			HSET
			EVAL
			CONFIG
			SELECT
			GET
			SELECT
			SUBSCRIBE
			PUBLISH
			UNSUBSCRIBE`)
	catalogue["redigo"] = library{server: redis, programs: []use{
		{name: "all", tree: all, check: redigoKeys, metrics: map[string]uint64{"db.client.operation.duration": 13, "db.client.connection.count": 0, "db.client.connection.max": 0}},
		{name: "all", env: []string{"OTEL_GO_WEAVE_REDIS_ARGUMENTS=false"}, tree: all, check: redisNoKeys},
		{name: "pipes", tree: clients(`
			FLUSHDB
			PIPELINE SET
			PIPELINE
			MULTI INCR
			PIPELINE error ERR
			PIPELINE INCR error ERR
			MULTI INCR error ERR`), check: redigoPipes},
		{name: "fail", tree: clients(`
			FLUSHDB
			SET
			HGET error WRONGTYPE
			AUTH error WRONGPASS
			NOSUCH error ERR
			BLPOP error *errors.errorString
			GET error context.deadlineExceededError
			GET error *net.OpError`)},
		{name: "http", tree: clients("\nFLUSHDB") + "GET (client)\n  GET (server)\n    GET (client)\nGET (client)\n  GET (server)\n    GET (client)\n"},
		{name: "many", names: []string{"FLUSHDB", "GET", "SET"}},
		{name: "made-up", bounded: 402},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_REDIGO_ENABLED=false"}},
	}}
}

func redigoKeys(t *testing.T, spans []Span) {
	for i, s := range spans {
		namespace := "4"
		switch {
		case i == 8 || i == 9: // from one SELECT to the other
			namespace = "5"
		case s.Name == "SUBSCRIBE" || s.Name == "UNSUBSCRIBE":
			namespace = "0"
		}
		if s.Attribute("db.system.name") != "redis" || s.Attribute("server.address") != "127.0.0.1" || s.Attribute("server.port") == "" || s.Attribute("db.namespace") != namespace {
			t.Errorf("it is not known where %s is", s)
		}
	}
	want := []string{"FLUSHDB", "SET a ? ? ?", "GET a", "GET nothing", "HSET h field ?", "EVAL ? ? ? ?", "CONFIG SET ? ?", "SELECT 5", "GET a", "SELECT 4",
		"SUBSCRIBE news", "PUBLISH news ?", "UNSUBSCRIBE news"}
	if got := redisTexts(spans); !slices.Equal(got, want) {
		t.Errorf("the texts are %q, and not %q", got, want)
	}
}

func redigoPipes(t *testing.T, spans []Span) {
	want := []string{"FLUSHDB", "SET a ?; SET b ?", "GET nothing; INCR n", "INCR n; INCR n", "INCR a; GET a", "INCR a; INCR n", "INCR a"}
	if got := redisTexts(spans); !slices.Equal(got, want) {
		t.Errorf("the texts are %q, and not %q", got, want)
	}
	for i, s := range spans {
		size := "2"
		if i == 0 || i == 6 {
			size = ""
		}
		if got := s.Attribute("db.operation.batch.size"); got != size {
			t.Errorf("%s has the size %q", s.Name, got)
		}
	}
}
