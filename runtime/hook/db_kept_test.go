package hook

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

func shout(query string, _ uint8) DBText { return DBText{Text: strings.ToUpper(query), Summary: "S"} }

// TestKeptStatements checks that what is kept of statements has a bound in bytes and in number, and that one server has one of each.
func TestKeptStatements(t *testing.T) {
	d := NewDB(New("example.com/kept"), shout)
	for _, query := range []func(i int) string{
		func(i int) string { return fmt.Sprint("SELECT a FROM t", i) },
		func(i int) string { return fmt.Sprint("SELECT a FROM t", i, strings.Repeat(", b", maxKeptQuery/4)) },
		func(i int) string { return fmt.Sprint("SELECT a FROM t", i, strings.Repeat(", b", maxKeptQuery)) },
	} {
		s := d.Server(DBPlace{System: "other_sql", Namespace: query(0)[:16]})
		for i := range maxStatements + 100 {
			s.Statement(query(i))
			s.Operation(fmt.Sprint("op", i), "")
			s.Operation("GET", fmt.Sprint("op", i))
		}
		number, bytes := 0, 0
		for i := range s.buckets {
			for k := s.buckets[i].Load(); k != nil; k = k.next {
				number++
				bytes += len(k.query)
				for _, kv := range k.attrs {
					bytes += len(kv.Value.AsString())
				}
			}
		}
		if number > maxStatements || bytes > maxKept+3*maxKeptQuery+number*128 {
			t.Errorf("%d statements of %d bytes", number, bytes)
		}
		// Made-up names are not names of spans once there are too many.
		if made := s.Operation("made up at last", ""); made.name != "other_sql" || made.operation != "" {
			t.Errorf("it is called %s", made.name)
		}
	}
	if d.Server(DBPlace{System: "x", Host: "h"}) != d.Server(DBPlace{System: "x", Host: "h"}) {
		t.Error("a server is not known again")
	}
	for i := range 10 * maxServers {
		d.Server(DBPlace{System: "x", Host: fmt.Sprint(i)})
	}
	if n := len(d.servers); n > maxServers {
		t.Errorf("%d servers are kept", n)
	}
}

// TestSteady checks that what is known of a statement costs no allocation.
func TestSteady(t *testing.T) {
	d := NewDB(New("example.com/steady"), shout)
	at := DBPlace{System: "other_sql", Host: "db", Port: 5432, Namespace: "shop"}
	d.Server(at).Statement("SELECT a FROM t WHERE b = 1").Prepare()
	d.Server(at).Operation("BEGIN", "")
	if n := testing.AllocsPerRun(100, func() {
		d.Server(at).Statement("SELECT a FROM t WHERE b = 1").Prepare()
		d.Server(at).Operation("BEGIN", "")
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

type pool struct {
	used  int
	conns []*int // what has no pointers may share its memory with others that are alive
}

// TestPools checks that the state of pools of one name is one, and that a pool which nobody else holds is none.
func TestPools(t *testing.T) {
	d := NewDB(New("example.com/pools"), nil)
	state := func(p any) DBPool {
		if p.(*pool).used < 0 {
			panic("broken")
		}
		return DBPool{1, p.(*pool).used, 10}
	}
	a, b, broken, gone := &pool{used: 2}, &pool{used: 3}, &pool{used: -1}, &pool{used: 5}
	for _, p := range []*pool{a, b, broken, gone, nil} {
		d.Observe(p, "db", state)
	}
	d.Observe(pool{}, "db", state)
	d.Observe(nil, "db", state)
	gone = nil
	for range 3 {
		runtime.GC()
	}
	if s := d.states(); len(s) != 1 || s["db"] != (DBPool{2, 5, 20}) {
		t.Errorf("%v", s)
	}
	d.Forget(b)
	if s := d.states(); s["db"] != (DBPool{1, 2, 10}) {
		t.Errorf("%v", s)
	}
	runtime.KeepAlive([]*pool{a, b, broken, gone})
}
