package hook

import (
	"context"
	"errors"
	"hash/maphash"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
	"weak"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// DB describes the operations of a database client by the semantic conventions: a span, its duration, and the connections of pools. A
// library has one, in a package variable.
//
//	ctx, call := operations.Start(ctx, server.Statement(query))
//	...
//	call.End(err, code, text)
//
// One that is below another library's operation on a database, as a driver's is below database/sql's, is not described again.
type DB struct {
	of       *Instrumentation
	byCode   bool
	mask     func(query string, dialect uint8) DBText
	duration *Duration[dbKey]
	waits    *Duration[string]

	mu      sync.RWMutex
	servers map[DBPlace]*DBServer

	pools                sync.Map // *byte, its address alone, to *dbPool
	connections, maximum *Observed
}

// DBText is the recorded form of a statement: its text without values, its first operation, its only table, and its operations with their
// tables. sqlmask.Statement has the same fields.
type DBText struct{ Text, Operation, Collection, Summary string }

// DBPlace identifies a database and its address. Only System is required.
type DBPlace struct {
	System    string // the value of db.system.name
	Host      string // or the path of a socket
	Port      int
	Namespace string
	Dialect   uint8 // for what masks statements
}

// Limits on what is kept of servers and statements: programs that build their statements from values never give one twice.
const (
	maxServers    = 64
	maxStatements = 1000
	maxKeptQuery  = 8 << 10
	maxKept       = 1 << 20 // bytes of the statements of one server
	maxPart       = 255     // bytes of each part of a place
	maxBatchText  = 16 << 10
)

// dbKey is what the durations of operations are told apart by.
type dbKey struct {
	server                                          *DBServer
	summary, operation, collection, errorType, code string
}

// NewDB returns the DB of an instrumentation. mask removes the values from a statement; it may be nil for a database without statements.
func NewDB(i *Instrumentation, mask func(query string, dialect uint8) DBText) *DB {
	d := &DB{of: i, mask: mask, servers: map[DBPlace]*DBServer{}}
	LayerDB.Join(i)
	d.duration = NewDuration(i, "db.client.operation.duration", "Duration of database client operations.", []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10},
		func(k dbKey) []attribute.KeyValue {
			attrs := slices.Clone(k.server.attrs)
			for _, kv := range []attribute.KeyValue{
				attribute.String("db.query.summary", k.summary), attribute.String("db.operation.name", k.operation), attribute.String("db.collection.name", k.collection),
				attribute.String("error.type", k.errorType), attribute.String("db.response.status_code", k.code),
			} {
				if kv.Value.AsString() != "" {
					attrs = append(attrs, kv)
				}
			}
			return attrs
		})
	d.waits = NewDuration(i, "db.client.connection.wait_time", "The time it took to obtain an open connection from the pool.", []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10},
		func(pool string) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("db.client.connection.pool.name", pool)}
		})
	d.connections = NewObserved(i, "db.client.connection.count", "{connection}",
		"The number of connections that are currently in state described by the `state` attribute.",
		func(observe func(int64, ...attribute.KeyValue)) {
			for name, p := range d.states() {
				pool := attribute.String("db.client.connection.pool.name", name)
				observe(int64(p.Idle), pool, attribute.String("db.client.connection.state", "idle"))
				observe(int64(p.Used), pool, attribute.String("db.client.connection.state", "used"))
			}
		})
	d.maximum = NewObserved(i, "db.client.connection.max", "{connection}", "The maximum number of open connections allowed.",
		func(observe func(int64, ...attribute.KeyValue)) {
			for name, p := range d.states() {
				if p.Max > 0 {
					observe(int64(p.Max), attribute.String("db.client.connection.pool.name", name))
				}
			}
		})
	return d
}

// ByCode makes error.type the database's error code, if there is one, instead of the Go type of the error.
func (d *DB) ByCode() *DB {
	d.byCode = true
	return d
}

// DBServer is a database server. It is constant except for the statements that it has seen.
type DBServer struct {
	of      *DB
	system  string
	dialect uint8
	attrs   []attribute.KeyValue // what every span has
	pool    string

	seed    maphash.Seed
	buckets [256]atomic.Pointer[keptStatement]
	number  atomic.Int32
	bytes   atomic.Int64
}

// keptStatement is a statement in the list of those whose queries have one hash.
type keptStatement struct {
	query string
	*DBStatement
	next *keptStatement
}

// Server returns the server at a place: the same one each time, without an allocation, or a new one if the program has too many.
func (d *DB) Server(at DBPlace) *DBServer {
	d.mu.RLock()
	s := d.servers[at]
	d.mu.RUnlock()
	if s != nil {
		return s
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if s := d.servers[at]; s != nil {
		return s
	}
	key := detached(at)
	if len(at.Host) > maxPart || strings.ContainsAny(at.Host, "@ \t\r\n") {
		at.Host, at.Port = "", 0
	}
	if len(at.Namespace) > maxPart {
		at.Namespace = ""
	}
	at = detached(at)
	s = &DBServer{of: d, system: at.System, dialect: at.Dialect, pool: at.pool(), seed: maphash.MakeSeed()}
	attrs := append(make([]attribute.KeyValue, 0, 4), attribute.String("db.system.name", at.System))
	if at.Namespace != "" {
		attrs = append(attrs, attribute.String("db.namespace", at.Namespace))
	}
	attrs = addressed(attrs, at.Host, at.Port)
	s.attrs = attrs[:len(attrs):len(attrs)]
	if len(d.servers) < maxServers {
		d.servers[key] = s
	}
	return s
}

// pool is "server:port/database" of what is known, as the semantic conventions have it, or else the name of the system.
func (p DBPlace) pool() string {
	name := p.Host
	if p.Host != "" && p.Port > 0 {
		name += ":" + strconv.Itoa(p.Port)
	}
	if p.Namespace != "" {
		name += "/" + p.Namespace
	}
	if name == "" {
		return p.System
	}
	return name
}

// Pool returns the name of a pool of connections to the server.
func (s *DBServer) Pool() string { return s.pool }

// DBStatement is a statement, or another operation, as spans show it. It is constant.
type DBStatement struct {
	name                           string
	attrs                          []attribute.KeyValue
	server                         *DBServer
	summary, operation, collection string
	text                           string
	prepare                        atomic.Pointer[DBStatement]
}

// Statement masks a query, or finds it among those masked before, without an allocation.
func (s *DBServer) Statement(query string) *DBStatement {
	if t := s.find(query); t != nil {
		return t
	}
	var masked DBText
	if s.of.mask != nil {
		masked = s.of.mask(query, s.dialect)
	}
	t := s.statement(masked)
	s.keep(query, t, len(masked.Text)+len(masked.Summary)+len(masked.Collection))
	return t
}

func (s *DBServer) statement(masked DBText) *DBStatement {
	t := &DBStatement{name: masked.Summary, server: s, summary: masked.Summary, operation: masked.Operation, collection: masked.Collection, text: masked.Text}
	attrs := append(make([]attribute.KeyValue, 0, len(s.attrs)+4), s.attrs...)
	if masked.Text != "" {
		attrs = append(attrs, attribute.String("db.query.text", masked.Text))
	}
	if masked.Summary != "" {
		attrs = append(attrs, attribute.String("db.query.summary", masked.Summary))
	} else {
		t.name = s.system
	}
	if masked.Operation != "" {
		attrs = append(attrs, attribute.String("db.operation.name", masked.Operation))
	}
	if masked.Collection != "" {
		attrs = append(attrs, attribute.String("db.collection.name", masked.Collection))
	}
	t.attrs = attrs[:len(attrs):len(attrs)]
	return t
}

// Operation returns a statement without a text: BEGIN, or a command of a database without a query language, optionally on a collection. Its
// span is named by both, or by the system if there are too many names to keep, because names may come from outside.
func (s *DBServer) Operation(name, collection string) *DBStatement {
	if collection == "" {
		if t := s.findOperation(name); t != nil {
			return t
		}
	}
	key := "\x00" + name + "\x00" + collection
	if collection != "" {
		if t := s.find(key); t != nil {
			return t
		}
	}
	text := DBText{Operation: Cut(name, maxPart), Collection: Cut(collection, maxPart)}
	t := s.statement(text)
	t.name = text.Operation
	if text.Collection != "" {
		t.name += " " + text.Collection
	}
	if !s.keep(key, t, len(key)) {
		t.name, t.operation, t.collection = s.system, "", "" // and is measured with all the others
	}
	return t
}

// Prepare returns the preparation of the statement.
func (t *DBStatement) Prepare() *DBStatement {
	if p := t.prepare.Load(); p != nil {
		return p
	}
	p := &DBStatement{name: "PREPARE " + t.name, attrs: t.attrs, server: t.server, summary: t.summary, operation: t.operation, collection: t.collection}
	t.prepare.Store(p)
	return p
}

// Batch returns the statement for n statements that are sent together. For one statement it returns that statement.
func (s *DBServer) Batch(n int, query func(int) string) *DBStatement {
	if n == 0 {
		return s.Operation("BATCH", "")
	}
	first := s.Statement(query(0))
	if n == 1 {
		return first
	}
	text, one := first.text, first
	same, sameQuery := true, true
	var texts strings.Builder
	for i := 1; i < n; i++ {
		q := s.Statement(query(i))
		if q != first && q.text != first.text {
			if sameQuery {
				sameQuery = false
				for range i {
					appendText(&texts, text)
				}
			}
		}
		if q.summary != first.summary || q.operation != first.operation || q.collection != first.collection {
			same = false
		}
		if !sameQuery {
			appendText(&texts, q.text)
		}
	}
	if !sameQuery {
		text = texts.String()
	}
	batch := DBText{Text: text, Operation: "BATCH"}
	if same {
		batch.Summary, batch.Collection = strings.TrimSpace("BATCH "+one.summary), one.collection
		if one.operation != "" {
			batch.Operation = "BATCH " + one.operation
		}
	}
	t := s.statement(batch)
	if t.summary == "" {
		t.name = batch.Operation
	}
	t.attrs = append(t.attrs, attribute.Int("db.operation.batch.size", n))
	return t
}

// appendText adds a statement's text, within the limit.
func appendText(to *strings.Builder, text string) {
	if to.Len()+len(text)+2 > maxBatchText {
		return
	}
	if to.Len() > 0 {
		to.WriteString("; ")
	}
	to.WriteString(text)
}

// bucket is where statements with a hash are. They are found without a lock and without an allocation, which a sync.Map needs for a key
// that is a string; none is ever taken away.
func (s *DBServer) bucket(hash uint64) *atomic.Pointer[keptStatement] {
	return &s.buckets[hash%uint64(len(s.buckets))]
}

func (s *DBServer) hash(query string) uint64 { return maphash.String(s.seed, query) }

// find returns nil if there is none.
func (s *DBServer) find(query string) *DBStatement {
	if len(query) > maxKeptQuery {
		return nil
	}
	for k := s.bucket(s.hash(query)).Load(); k != nil; k = k.next {
		if k.query == query {
			return k.DBStatement
		}
	}
	return nil
}

// findOperation is find for what is kept of an operation that is on no collection, whose key is never made.
func (s *DBServer) findOperation(name string) *DBStatement {
	for k := s.bucket(s.hash(name)).Load(); k != nil; k = k.next {
		if len(k.query) == len(name)+2 && k.query[0] == 0 && k.query[len(k.query)-1] == 0 && k.query[1:len(k.query)-1] == name {
			return k.DBStatement
		}
	}
	return nil
}

// keep adds a statement with so many bytes besides its key, within the limits, and tells whether it did. Two goroutines may add the same
// one: the later is found.
func (s *DBServer) keep(query string, one *DBStatement, bytes int) bool {
	if len(query) > maxKeptQuery || s.number.Load() >= maxStatements || s.bytes.Load() >= maxKept {
		return false
	}
	s.number.Add(1)
	s.bytes.Add(int64(len(query) + bytes))
	hash := s.hash(query)
	if n := len(query); n > 1 && query[0] == 0 && query[n-1] == 0 {
		hash = s.hash(query[1 : n-1])
	}
	bucket := s.bucket(hash)
	// The key is a copy: the query may be a piece of something large.
	k := &keptStatement{query: strings.Clone(query), DBStatement: one, next: bucket.Load()}
	for !bucket.CompareAndSwap(k.next, k) {
		k.next = bucket.Load()
	}
	return true
}

// DBOp is a database operation in progress. The zero one is none.
type DBOp struct {
	op    Op
	since time.Time // zero if nothing is measured
	of    *DBStatement
}

// Begin begins an operation that allocates nothing: the caller keeps the result, and the returned context, which is passed to the library,
// until End. The result is none if nothing is to be described, because nothing is recorded or another library describes the operation.
func (d *DB) Begin(ctx context.Context, t *DBStatement) (context.Context, DBOp) {
	return d.begin(ctx, t, true)
}

func (d *DB) begin(ctx context.Context, t *DBStatement, mark bool) (context.Context, DBOp) {
	if !d.of.On() {
		return ctx, DBOp{}
	}
	if _, within := LayerDB.Above(ctx, d.of); within {
		return ctx, DBOp{}
	}
	began := d.duration.Start()
	with, op, late := d.of.StartBare(ctx, Client, t.name, func() []attribute.KeyValue { return t.attrs })
	if !op.Recording() && began.IsZero() {
		return with, DBOp{}
	}
	if late && op.Recording() {
		op.Set(t.attrs...)
	}
	if mark && !d.tells(op.span) {
		with = &marked{with, LayerDB, layerMark{by: d.of, own: true, op: Op{span: op.span}}}
	}
	return with, DBOp{op, began, t}
}

// tells reports whether a span says itself that it is one of the layer.
func (d *DB) tells(span trace.Span) bool {
	_, _, known := sdk.Made(span)
	return known
}

// None reports whether there is nothing to describe.
func (o *DBOp) None() bool { return o.of == nil }

// Recording reports whether a span is recorded.
func (o *DBOp) Recording() bool { return o.op.Recording() }

// Set adds attributes to the span.
func (o *DBOp) Set(attrs ...attribute.KeyValue) { o.op.Set(attrs...) }

// End ends the operation. For an error, code is the database's code, and text the recorded text: the error's own text may contain values.
func (o *DBOp) End(ctx context.Context, err error, code, text string) {
	if o.of == nil {
		return
	}
	errorType := ""
	if err != nil {
		errorType = ErrorType(err)
		if code != "" {
			o.op.Set(attribute.String("db.response.status_code", code))
			if o.of.server.of.byCode {
				errorType = code
			}
		}
	}
	if t := o.of; !o.since.IsZero() {
		t.server.of.duration.Stop(ctx, o.since, dbKey{t.server, t.summary, t.operation, t.collection, errorType, code})
	}
	o.op.EndAs(err, errorType, text)
}

// EndLeft ends an operation whose function was left without a result: by a panic, in a deferred function that the panic runs, or by
// runtime.Goexit. Only the type of a panic is recorded, because its text may contain values.
func (o *DBOp) EndLeft(ctx context.Context) {
	if o.of == nil {
		return
	}
	errorType := "goexit"
	if value, panicked := (Panic{}).Value(); panicked {
		errorType = PanicType(value)
	}
	if t := o.of; !o.since.IsZero() {
		t.server.of.duration.Stop(ctx, o.since, dbKey{t.server, t.summary, t.operation, t.collection, errorType, ""})
	}
	o.op.EndAs(errLeft, errorType, "")
}

// errLeft stands for the error of an operation that has no result.
var errLeft = errors.New("no result")

// Past describes an operation that has already failed.
func (d *DB) Past(ctx context.Context, began time.Time, t *DBStatement, err error, code, text string) {
	op := DBOp{op: d.of.StartPast(ctx, began, t.name, t.attrs...), of: t}
	op.End(ctx, err, code, text)
}

// DBCall is an operation in progress. It is also the context that is passed to the library, which saves an allocation. A nil one is no
// operation, and its methods do nothing.
type DBCall struct {
	context.Context
	Kind  uint8 // for the library's hooks, who may set it before anybody else has the context
	of    *DB
	op    DBOp
	mark  layerMark
	ended atomic.Bool
}

type dbCallKey struct{ of *DB }

// Value finds the call itself, or what its context holds.
func (c *DBCall) Value(key any) any {
	switch k := key.(type) {
	case dbCallKey:
		if k.of == c.of {
			return c
		}
	case layerKey:
		if k.of == LayerDB {
			return &c.mark
		}
	}
	return c.Context.Value(key)
}

// Start begins an operation. The context holds its span, and the call, which Current finds. A nil call describes nothing, and need not end.
func (d *DB) Start(ctx context.Context, t *DBStatement) (context.Context, *DBCall) {
	with, op := d.begin(ctx, t, false)
	if op.None() {
		return with, nil
	}
	c := &DBCall{Context: with, of: d, op: op, mark: layerMark{by: d.of, own: true, op: Op{span: op.op.span}}}
	return c, c
}

// Current returns the call of a context, or nil.
func (d *DB) Current(ctx context.Context) (call *DBCall) {
	if ctx != nil {
		Try(func() { call, _ = ctx.Value(dbCallKey{d}).(*DBCall) })
	}
	return call
}

// Apart returns a context in which Current finds no call, for work within a call that does not belong to it.
func (d *DB) Apart(ctx context.Context) context.Context { return &apart{ctx, d} }

type apart struct {
	context.Context
	of *DB
}

func (a *apart) Value(key any) any {
	if k, ok := key.(dbCallKey); ok && k.of == a.of {
		return nil
	}
	return a.Context.Value(key)
}

// Recording reports whether a span is recorded.
func (c *DBCall) Recording() bool { return c != nil && c.op.Recording() }

// Set adds attributes to the call's span.
func (c *DBCall) Set(attrs ...attribute.KeyValue) {
	if c != nil {
		c.op.Set(attrs...)
	}
}

// Become changes the statement of the call, if it is known only after the beginning. Only the goroutine that ends the call may call it.
func (c *DBCall) Become(t *DBStatement) {
	if c == nil || t == c.op.of {
		return
	}
	c.op.of = t
	if c.Recording() {
		c.op.op.rename(t.name)
		c.op.Set(t.attrs...)
	}
}

// End ends the call, like DBOp.End. Only the first call of End has an effect.
func (c *DBCall) End(err error, code, text string) {
	if c != nil && c.ended.CompareAndSwap(false, true) {
		c.op.End(c, err, code, text)
	}
}

// DBPool is the state of a pool of connections. A Max of 0 means no limit.
type DBPool struct{ Idle, Used, Max int }

// dbPool is a pool that is observed. It keeps nothing alive.
type dbPool struct {
	name  string
	at    weak.Pointer[byte]
	kind  reflect.Type
	state func(pool any) DBPool
}

// Observe reports the state of a pool, a pointer, in metrics until the pool is garbage or Forget is called. state gets the pool, and must
// not hold it otherwise. It calls the library's code, and may panic.
func (d *DB) Observe(pool any, name string, state func(pool any) DBPool) {
	v := reflect.ValueOf(pool)
	if !d.of.On() || v.Kind() != reflect.Pointer || v.IsNil() || state == nil {
		return
	}
	at := weak.Make((*byte)(v.UnsafePointer()))
	d.pools.Store(uintptr(v.UnsafePointer()), &dbPool{strings.Clone(name), at, v.Type(), state})
	d.connections.Begin()
	d.maximum.Begin()
}

// Forget stops observing a pool.
func (d *DB) Forget(pool any) {
	if v := reflect.ValueOf(pool); v.Kind() == reflect.Pointer {
		d.pools.Delete(uintptr(v.UnsafePointer()))
	}
}

// states are the states of the pools by their names. Those of one name are one.
func (d *DB) states() map[string]DBPool {
	all := map[string]DBPool{}
	d.pools.Range(func(key, value any) bool {
		p := value.(*dbPool)
		at := p.at.Value()
		if at == nil {
			d.pools.CompareAndDelete(key, value)
			return true
		}
		Try(func() {
			s, sum := p.state(reflect.NewAt(p.kind.Elem(), unsafe.Pointer(at)).Interface()), all[p.name]
			all[p.name] = DBPool{sum.Idle + s.Idle, sum.Used + s.Used, sum.Max + s.Max}
		})
		return true
	})
	return all
}

// Waited records the time spent waiting for a connection of a pool.
func (d *DB) Waited(ctx context.Context, since time.Time, pool string) {
	d.waits.Stop(ctx, since, pool)
}
