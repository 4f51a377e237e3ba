package weavetest

import (
	"os"
	"path/filepath"
	"testing"
)

func init() {
	catalogue["gomemcache"] = library{server: memcached, programs: []use{
		{name: "all", tree: clients(`
			flush_all
			version
			set
			get
			cas
			replace
			add
			incr
			decr
			touch
			get
			delete
			delete
			flush_all
			get
			get`), check: memcachedPlaces, metrics: map[string]uint64{"db.client.operation.duration": 16}},
		{name: "fail", tree: clients(`
			flush_all
			set
			add error NOT_STORED
			get
			set
			cas error EXISTS
			incr error *errors.errorString
			set error *errors.errorString
			set error *errors.errorString
			get error *net.OpError
			get error *net.OpError`)},
		{name: "http", tree: clients("\nflush_all") + "GET (client)\n  GET (server)\n    get (client)\n"},
		{name: "many", names: []string{"flush_all", "get", "set"}},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_GOMEMCACHE_ENABLED=false"}},
	}}
}

// memcachedPlaces checks that it is known where commands went: the last two to different servers.
func memcachedPlaces(t *testing.T, spans []Span) {
	ports := map[string]int{}
	for _, s := range spans {
		if s.Attribute("db.system.name") != "memcached" || s.Attribute("server.address") != "127.0.0.1" || s.Attribute("server.port") == "" {
			t.Errorf("it is not known where %s is", s)
		}
		ports[s.Attribute("server.port")]++
	}
	if len(ports) != 2 {
		t.Errorf("the ports are %v", ports)
	}
}

// memcached are two servers, at MEMCACHED.
var memcached = once(func(t *testing.T, dir string) ([]string, func()) {
	var ports []string
	var stops []func()
	for _, name := range []string{"a", "b"} {
		own := filepath.Join(dir, name)
		if err := os.Mkdir(own, 0o777); err != nil {
			t.Fatal(err)
		}
		port, stop := serve(t, own, "memcached", "memcached", func(port string) []string {
			return []string{"-u", "nobody", "-l", "127.0.0.1", "-p", port, "-m", "8"}
		})
		ports, stops = append(ports, port), append(stops, stop)
	}
	return []string{"MEMCACHED=127.0.0.1:" + ports[0] + ",127.0.0.1:" + ports[1]}, func() {
		for _, stop := range stops {
			stop()
		}
	}
})
