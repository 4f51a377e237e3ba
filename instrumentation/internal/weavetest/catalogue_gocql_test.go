package weavetest

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
)

func init() {
	programs := []use{
		{name: "all", check: cassandraPlaces, metrics: map[string]uint64{"db.client.operation.duration": 7}, tree: clients(`
			INSERT orders
			INSERT orders
			SELECT orders
			SELECT pages
			SELECT pages
			BATCH INSERT orders
			BATCH`)},
		{name: "fail", tree: clients(`
			SELECT nosuch error 2200
			BATCH INSERT nosuch error 2200
			SELECT slow error context.deadlineExceededError`)},
		{name: "http", tree: strings.Repeat("GET (client)\n  GET (server)\n    INSERT orders (client)\n", 2)},
		{name: "many", names: []string{"INSERT orders"}},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_GOCQL_ENABLED=false"}},
	}
	catalogue["gocql"] = library{server: cassandra, programs: programs}
	catalogue["gocql_v1"] = library{server: cassandra, of: "gocql", programs: programs}
}

func cassandraPlaces(t *testing.T, spans []Span) {
	var texts []string
	for _, s := range spans {
		if s.Attribute("db.system.name") != "cassandra" || s.Attribute("server.address") != "127.0.0.1" || s.Attribute("server.port") == "" || s.Attribute("db.namespace") != "shop" ||
			s.Attribute("cassandra.consistency.level") != "quorum" || s.Attribute("cassandra.coordinator.dc") != "dc1" || s.Attribute("cassandra.coordinator.id") == "" {
			t.Errorf("it is not known where %s is", s)
		}
		texts = append(texts, s.Attribute("db.query.text"))
	}
	const insert = "INSERT INTO orders (id, name) VALUES (?, ?)"
	want := []string{insert, insert, "SELECT name FROM orders WHERE id = ?", "SELECT name FROM pages", "SELECT name FROM pages", insert, insert + "; UPDATE users SET name = ? WHERE id = ?"}
	if !slices.Equal(texts, want) {
		t.Errorf("the texts are %q", texts)
	}
}

// cassandra is a server at CASSANDRA that speaks the fourth version of Cassandra's protocol, and has one row, whatever it is asked for.
// Of a table called nosuch it knows nothing, and of one called slow it never tells. A table called pages has two pages.
var cassandra = once(func(t *testing.T, _ string) ([]string, func()) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveCQL(c, l.Addr().(*net.TCPAddr))
		}
	}()
	return []string{"CASSANDRA=" + l.Addr().String()}, func() { l.Close() }
})

// cql writes what the protocol calls by these names.
type cql struct{ bytes.Buffer }

func (b *cql) short(n int)    { b.Write(binary.BigEndian.AppendUint16(nil, uint16(n))) }
func (b *cql) int(n int)      { b.Write(binary.BigEndian.AppendUint32(nil, uint32(n))) }
func (b *cql) text(s string)  { b.short(len(s)); b.WriteString(s) }
func (b *cql) bytes(s string) { b.int(len(s)); b.WriteString(s) }

// column is a column with the value of its only row.
type column struct {
	name  string
	kind  []byte
	value string
}

var (
	varchar = []byte{0, 0x0d}
	uuid    = []byte{0, 0x0c}
	inet    = []byte{0, 0x10}
	set     = []byte{0, 0x22, 0, 0x0d}
)

// columns writes the description of columns, with flags.
func (b *cql) columns(flags int, paging string, all []column) {
	b.int(flags | 1)
	b.int(len(all))
	if paging != "" {
		b.bytes(paging)
	}
	b.text("shop")
	b.text("orders")
	for _, c := range all {
		b.text(c.name)
		b.Write(c.kind)
	}
}

// rows writes a result.
func (b *cql) rows(paging string, n int, all []column) {
	b.int(2)
	flags := 0
	if paging != "" {
		flags = 2
	}
	b.columns(flags, paging, all)
	b.int(n)
	for range n {
		for _, c := range all {
			b.bytes(c.value)
		}
	}
}

// asked returns the columns that a SELECT asks for.
func asked(statement string, all []column) []column {
	list, _, _ := strings.Cut(strings.TrimPrefix(statement, "SELECT "), " FROM ")
	if list == "*" {
		return all
	}
	var some []column
	for name := range strings.SplitSeq(list, ",") {
		for _, c := range all {
			if c.name == strings.TrimSpace(name) {
				some = append(some, c)
			}
		}
	}
	return some
}

// serveCQL answers what comes by a connection.
func serveCQL(c net.Conn, at *net.TCPAddr) {
	defer c.Close()
	for {
		header := make([]byte, 9)
		if _, err := io.ReadFull(c, header); err != nil {
			return
		}
		body := make([]byte, binary.BigEndian.Uint32(header[5:]))
		if _, err := io.ReadFull(c, body); err != nil {
			return
		}
		kind, answer := answerCQL(header[4], body, at)
		if answer == nil {
			continue
		}
		frame := append([]byte{0x84, 0, header[2], header[3], kind}, binary.BigEndian.AppendUint32(nil, uint32(answer.Len()))...)
		if _, err := c.Write(append(frame, answer.Bytes()...)); err != nil {
			return
		}
	}
}

// answerCQL returns what a request is answered with; nil for one that is not.
func answerCQL(request byte, body []byte, at *net.TCPAddr) (kind byte, _ *cql) {
	b := new(cql)
	const failed, ready, supported, result = 0, 2, 6, 8
	row := []column{{"name", varchar, "secret"}}
	unknown := func() (byte, *cql) {
		b.int(0x2200)
		b.text("unconfigured table nosuch, secret")
		return failed, b
	}
	switch request {
	case 1, 11: // STARTUP, REGISTER
		return ready, b
	case 5: // OPTIONS
		b.short(1)
		b.text("CQL_VERSION")
		b.short(1)
		b.text("3.4.5")
		return supported, b
	case 9: // PREPARE: what is prepared is its own name
		statement := string(body[4:])
		if strings.Contains(statement, "nosuch") {
			return unknown()
		}
		b.int(4)
		b.text(statement)
		values := strings.Count(statement, "?")
		b.int(1)
		b.int(values)
		b.int(0)
		b.text("shop")
		b.text("orders")
		for range values {
			b.text("value")
			b.Write(varchar)
		}
		if strings.HasPrefix(statement, "SELECT") {
			b.columns(0, "", row)
		} else {
			b.int(4)
			b.int(0)
		}
		return result, b
	case 7, 10: // QUERY, EXECUTE
		n, rest := 0, body
		if request == 7 {
			n, rest = int(binary.BigEndian.Uint32(body)), body[4:]
		} else {
			n, rest = int(binary.BigEndian.Uint16(body)), body[2:]
		}
		statement, parameters := string(rest[:n]), rest[n:]
		later := len(parameters) > 2 && parameters[2]&8 != 0 // it says where to go on
		switch {
		case strings.Contains(statement, "slow"):
			return 0, nil
		case strings.Contains(statement, "nosuch"):
			return unknown()
		case strings.HasPrefix(statement, "USE"):
			b.int(3)
			b.text("shop")
		case strings.Contains(statement, "system.local"):
			id, address := "0123456789abcdef", string(at.IP.To4())
			tokens := new(cql)
			tokens.int(1)
			tokens.bytes("0")
			b.rows("", 1, asked(statement, []column{
				{"key", varchar, "local"}, {"cluster_name", varchar, "test"}, {"data_center", varchar, "dc1"}, {"rack", varchar, "r1"}, {"host_id", uuid, id},
				{"partitioner", varchar, "org.apache.cassandra.dht.Murmur3Partitioner"}, {"release_version", varchar, "3.11.0"}, {"rpc_address", inet, address},
				{"broadcast_address", inet, address}, {"listen_address", inet, address}, {"schema_version", uuid, id}, {"tokens", set, tokens.String()},
			}))
		case strings.Contains(statement, "system"):
			b.rows("", 0, []column{{"peer", inet, ""}})
		case strings.Contains(statement, "pages") && !later:
			b.rows("more", 1, row)
		case strings.HasPrefix(statement, "SELECT"):
			b.rows("", 1, row)
		default:
			b.int(1)
		}
		return result, b
	case 13: // BATCH
		b.int(1)
		return result, b
	}
	b.int(0x000a)
	b.text("not understood")
	return failed, b
}
