package weavetest

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func init() {
	// FerretDB does not know endSessions.
	programs := []use{
		{name: "all", metrics: map[string]uint64{"db.client.operation.duration": 12}, tree: clients(`
			drop orders
			insert orders
			insert orders
			find orders
			getMore orders
			getMore orders
			find orders
			update orders
			delete orders
			aggregate orders
			ping
			endSessions error 59`), check: mongoPlaces},
		{name: "fail", tree: clients(`
			drop orders
			insert orders
			insert orders error 11000
			update orders error 9
			noSuchCommand error 59
			find orders error *errors.errorString
			mongodb error topology.ServerSelectionError
			endSessions error 59`)},
		{name: "http", tree: clients("\ndrop orders") + strings.Repeat("GET (client)\n  GET (server)\n    find orders (client)\n", 2) +
			clients("\nendSessions error 59")},
		{name: "many", names: []string{"drop orders", "endSessions", "find orders"}},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_MONGO_ENABLED=false"}},
	}
	catalogue["mongo"] = library{server: ferret, programs: programs}
	catalogue["mongo_v1"] = library{server: ferret, of: "mongo", programs: programs}
	catalogue["mongo_byhand"] = library{server: ferret, byHand: true, programs: []use{{bounded: 20, check: theirs("mongo", "orders.find", "orders.insert")}}}
}

// mongoPlaces checks that it is known where commands went, and that nothing of them is shown.
func mongoPlaces(t *testing.T, spans []Span) {
	for _, s := range spans {
		namespace := "shop"
		if s.Name == "endSessions" {
			namespace = "admin"
		}
		if s.Attribute("db.system.name") != "mongodb" || s.Attribute("server.address") != "127.0.0.1" || s.Attribute("server.port") == "" || s.Attribute("db.namespace") != namespace {
			t.Errorf("it is not known where %s is", s)
		}
		if s.Attribute("db.query.text") != "" {
			t.Errorf("it shows its text: %s", s)
		}
	}
}

// ferret is a FerretDB, which speaks MongoDB's protocol, at MONGO.
var ferret = once(func(t *testing.T, dir string) ([]string, func()) {
	program := filepath.Join(dir, "ferretdb")
	cmd := exec.Command("go", "build", "-o", program, ".")
	cmd.Dir = filepath.Join(Root(), "instrumentation/internal/weavetest/testdata/ferretdb")
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0")
	if _, err := output(cmd); err != nil {
		t.Fatal(err)
	}
	port, stop := serveProgram(t, dir, []string{program}, func(port string) []string { return []string{port} })
	return []string{"MONGO=mongodb://127.0.0.1:" + port}, stop
})
