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
			GET
			PIPELINE SET
			PIPELINE
			WATCH
			MULTI INCR
			BLPOP
			EVAL
			CONFIG`)
	programs := []use{
		{name: "all", tree: all, check: rueidisKeys, metrics: map[string]uint64{"db.client.operation.duration": 13}},
		{name: "all", env: []string{"OTEL_GO_WEAVE_REDIS_ARGUMENTS=false"}, tree: all, check: redisNoKeys},
		{name: "fail", tree: clients(`
			FLUSHDB
			SET
			HGET error WRONGTYPE
			AUTH error WRONGPASS
			NOSUCH error ERR
			HGET error WRONGTYPE
			PIPELINE INCR error ERR
			MULTI INCR error ERR
			PING error *errors.errorString
			PING error *errors.errorString`)},
		{name: "cluster", tree: clients(`
			FLUSHDB
			SET
			GET
			PIPELINE SET`), check: redisNodes},
		{name: "http", tree: clients("\nFLUSHDB") + "GET (client)\n  GET (server)\n    GET (client)\nGET (client)\n  GET (server)\n    GET (client)\n"},
		{name: "many", names: []string{"FLUSHDB", "SET"}},
		{name: "made-up", bounded: 402},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_RUEIDIS_ENABLED=false"}},
	}
	catalogue["rueidis"] = library{server: redis, programs: programs}
	catalogue["rueidis_valkey"] = library{server: redis, of: "rueidis", programs: programs}
	catalogue["rueidis_byhand"] = library{server: redis, byHand: true, heavy: true, programs: []use{{bounded: 20, check: theirs("rueidis", "SET", "GET GET")}}}
}

func rueidisKeys(t *testing.T, spans []Span) {
	for _, s := range spans {
		if s.Attribute("db.system.name") != "redis" || s.Attribute("server.address") != "127.0.0.1" || s.Attribute("server.port") == "" || s.Attribute("db.namespace") != "6" {
			t.Errorf("it is not known where %s is", s)
		}
	}
	want := []string{"FLUSHDB", "SET a ? ? ?", "GET a", "GET nothing", "HSET h field ?", "GET a", "SET a ?; SET b ?", "INCR n; GET nothing", "WATCH n", "INCR n; INCR n",
		"BLPOP list 0.01", "EVAL ? ?", "CONFIG SET ? ?"}
	if got := redisTexts(spans); !slices.Equal(got, want) {
		t.Errorf("the texts are %q, and not %q", got, want)
	}
}
