package weavetest

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func init() {
	all := clients(`
			FLUSHDB
			SET
			GET
			GET
			HSET
			MSET
			EVAL
			CONFIG
			OBJECT
			CLUSTER INFO error ERR
			SUBSCRIBE
			PUBLISH
			UNSUBSCRIBE`)
	programs := []use{
		{name: "all", tree: all, check: redisKeys, metrics: map[string]uint64{"db.client.operation.duration": 13, "db.client.connection.count": 0, "db.client.connection.max": 0}},
		{name: "all", env: []string{"OTEL_GO_WEAVE_REDIS_ARGUMENTS=false"}, tree: all, check: redisNoKeys},
		{name: "pipes", tree: clients(`
			FLUSHDB
			PIPELINE SET
			PIPELINE
			GET
			PIPELINE error ERR
			MULTI INCR
			WATCH
			GET
			UNWATCH`), check: redisPipes},
		{name: "fail", tree: clients(`
			FLUSHDB
			SET
			HGET error WRONGTYPE
			AUTH error WRONGPASS
			NOSUCH error ERR
			PING error *errors.errorString
			PING error *net.OpError
			PING error *errors.errorString`)},
		{name: "cluster", tree: clients(`
			FLUSHDB
			SET
			GET
			PIPELINE SET
			MULTI SET`), check: redisNodes},
		{name: "http", tree: clients("\nFLUSHDB") + strings.Repeat("GET (client)\n  GET (server)\n    GET (client)\n", 2)},
		{name: "many", names: []string{"FLUSHDB", "SET"}},
		{name: "made-up", bounded: 402},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_REDIS_ENABLED=false"}},
	}
	catalogue["redis"] = library{server: redis, programs: programs}
	// v8 does not understand what a cluster of Redis 7 says of itself, and asks nodes by chance.
	catalogue["redis_v8"] = library{server: redis, of: "redis", programs: slices.DeleteFunc(slices.Clone(programs), func(u use) bool { return u.name == "cluster" })}
	catalogue["redis_byhand"] = library{server: redis, byHand: true, programs: []use{{bounded: 20, check: theirs("redis", "set", "redis.pipeline get")}}}
}

// theirs checks that there are the spans of what is instrumented by hand, two of each name, and none of ours.
func theirs(ours string, names ...string) func(*testing.T, []Span) {
	return func(t *testing.T, spans []Span) {
		count := map[string]int{}
		for _, s := range spans {
			count[s.Name]++
			if strings.HasSuffix(s.Scope, "/instrumentation/"+ours) || strings.HasSuffix(s.Scope, "rules_go_weave/"+ours) {
				t.Errorf("%s is ours", s.Name)
			}
		}
		for _, name := range names {
			if count[name] != 2 {
				t.Errorf("%d of %s, in %s", count[name], name, Tree(spans))
			}
		}
	}
}

// redisTexts are the texts of commands.
func redisTexts(spans []Span) (all []string) {
	for _, s := range spans {
		if text := s.Attribute("db.query.text"); text != "" {
			all = append(all, text)
		}
	}
	return all
}

func redisKeys(t *testing.T, spans []Span) {
	for _, s := range spans {
		if s.Attribute("db.system.name") != "redis" || s.Attribute("server.address") != "127.0.0.1" || s.Attribute("server.port") == "" || s.Attribute("db.namespace") != "3" {
			t.Errorf("it is not known where %s is", s)
		}
	}
	want := []string{"FLUSHDB", "SET a ? ? ?", "GET a", "GET nothing", "HSET h field ?", "MSET a ? ? ?", "EVAL ? ? ? ?", "CONFIG set ? ?", "OBJECT ENCODING ?",
		"CLUSTER info", "SUBSCRIBE news sports", "PUBLISH news ?", "UNSUBSCRIBE sports"}
	if got := redisTexts(spans); !slices.Equal(got, want) {
		t.Errorf("the texts are %q, and not %q", got, want)
	}
}

func redisNoKeys(t *testing.T, spans []Span) {
	if got := redisTexts(spans); len(got) > 0 {
		t.Errorf("the texts are %q", got)
	}
}

func redisPipes(t *testing.T, spans []Span) {
	want := []string{"FLUSHDB", "SET a ?; SET b ?", "GET nothing; INCR n", "GET a", "GET nothing; INCR a", "INCR n; INCR n", "WATCH n", "GET n", "UNWATCH"}
	if got := redisTexts(spans); !slices.Equal(got, want) {
		t.Errorf("the texts are %q, and not %q", got, want)
	}
	for _, s := range spans {
		if n := s.Attribute("db.operation.batch.size"); (n == "2") != (strings.HasPrefix(s.Name, "PIPELINE") || s.Name == "MULTI INCR") || n != "2" && n != "" {
			t.Errorf("%s has the size %q", s.Name, n)
		}
	}
}

// redisNodes checks that it is known which node answered: "a" and "b" are another one's.
func redisNodes(t *testing.T, spans []Span) {
	nodes := map[string]bool{}
	for _, s := range spans[1:] {
		nodes[s.Attribute("server.port")] = true
	}
	if len(nodes) != 2 {
		t.Errorf("the nodes are %v", nodes)
	}
}

// redis is a Redis at REDIS, and three that are a cluster at REDIS_CLUSTER.
var redis = once(func(t *testing.T, dir string) ([]string, func()) {
	var stops []func()
	stop := func() {
		for _, s := range stops {
			s()
		}
	}
	start := func(name string, more ...string) string {
		own := filepath.Join(dir, name)
		if err := os.Mkdir(own, 0o777); err != nil {
			t.Fatal(err)
		}
		port, s := serve(t, own, "redis-server", "redis-server", func(port string) []string {
			return append([]string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", own}, more...)
		})
		stops = append(stops, s)
		return port
	}
	single := start("single")
	var nodes []string
	for i := range 3 {
		node := start(fmt.Sprint("node", i), "--cluster-enabled", "yes", "--cluster-port", freePort(t))
		ask(t, node, fmt.Sprintf("CLUSTER ADDSLOTSRANGE %d %d", i*16384/3, (i+1)*16384/3-1))
		nodes = append(nodes, node)
	}
	for _, node := range nodes[1:] {
		bus := strings.Fields(strings.ReplaceAll(ask(t, node, "CONFIG GET cluster-port"), "\n", " "))
		ask(t, nodes[0], fmt.Sprintf("CLUSTER MEET 127.0.0.1 %s %s", node, bus[len(bus)-1]))
	}
	for _, node := range nodes {
		for n := 0; !strings.Contains(ask(t, node, "CLUSTER INFO"), "cluster_state:ok"); n++ {
			if n == 600 {
				t.Fatal("the cluster does not come up")
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	return []string{"REDIS=127.0.0.1:" + single, "REDIS_CLUSTER=127.0.0.1:" + strings.Join(nodes, ",127.0.0.1:")}, stop
})

// ask sends a Redis one command, and returns what it answers.
func ask(t *testing.T, port, command string) string {
	t.Helper()
	c, err := net.Dial("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintf(c, "%s\r\nQUIT\r\n", command)
	var b strings.Builder
	for lines := bufio.NewScanner(c); lines.Scan(); {
		b.WriteString(lines.Text() + "\n")
	}
	answer := strings.TrimSuffix(strings.TrimSpace(b.String()), "+OK")
	if strings.HasPrefix(answer, "-") {
		t.Fatalf("%s: %s", command, answer)
	}
	return strings.TrimSpace(answer)
}
