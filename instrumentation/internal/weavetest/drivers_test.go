package weavetest

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestDrivers runs real drivers of a real PostgreSQL: it is known by its place whichever way it was opened, errors are told by their
// codes, and no value shows.
func TestDrivers(t *testing.T) {
	script := filepath.Join(Root(), "dev.d/postgres.sh")
	if out, err := exec.Command(script, "install").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	dir := t.TempDir()
	for d := dir; d != os.TempDir() && len(d) > 1; d = filepath.Dir(d) {
		os.Chmod(d, 0o755) // the server is another user's
	}
	postgres := filepath.Join(dir, "postgres")
	out, err := output(exec.Command(script, "start", postgres))
	if err != nil {
		t.Fatal(err)
	}
	defer exec.Command(script, "stop", postgres).Run()
	database, err := url.Parse(strings.TrimSpace(out))
	if err != nil {
		t.Fatal(err)
	}
	plain, woven := buildModule(t, "drivers", dir)
	c := NewCollector()
	defer c.Close()
	want := run(t, plain, "", "DATABASE="+database.String())
	got := run(t, woven, "", "DATABASE="+database.String(), "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)
	if want.code != 0 || want.normal() != got.normal() {
		t.Errorf("plain: %+v\nwoven: %+v", want, got)
	}
	spans, codes := c.Take(), map[string]string{}
	for _, s := range spans {
		if text := s.String(); strings.Contains(text, "secret") {
			t.Errorf("a value shows: %s", text)
		}
		if at := s.Attribute("server.address") + ":" + s.Attribute("server.port") + "/" + s.Attribute("db.namespace"); at != database.Host+database.Path {
			t.Errorf("%s is at %q", s.Name, at)
		}
		if s.Attribute("db.response.status_code") != "" {
			codes[s.Attribute("db.collection.name")] += s.Attribute("db.response.status_code") + " "
		}
		if strings.Contains(s.Name, "STDIN") {
			t.Errorf("%s", s.Name)
		}
	}
	for _, name := range []string{"pgx", "pgx_config", "pgx_pool", "pq", "pq_connector"} {
		if codes[name] != "23505 22P02 42601 22P02 " {
			t.Errorf("%s has the codes %q", name, codes[name])
		}
	}
	// The control: the program prints what the database says.
	if !strings.Contains(want.out, "secret") {
		t.Errorf("%s", want.out)
	}
}
