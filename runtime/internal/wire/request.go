package wire

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
)

// The messages of traces, metrics and logs have the same numbers for the fields that hold the items.
const (
	resourcesField                          = 1 // of a request
	resourceField, scopesField, schemaField = 1, 2, 3
	scopeField, itemsField                  = 1, 2
)

// Resource is a resource, encoded once.
type Resource struct{ head, tail []byte }

// NewResource encodes a resource.
func NewResource(r *resource.Resource) *Resource {
	if r == nil {
		return &Resource{}
	}
	b, at := open(nil, resourceField)
	b, dropped := set(b, 1, *r.Set(), DefaultLimits, MaxItem/4)
	b = count(b, 2, dropped)
	return &Resource{head: shut(b, at), tail: name(nil, schemaField, r.SchemaURL())}
}

// Scope is an instrumentation scope, encoded once.
type Scope struct {
	id         uint64
	key        instrumentation.Scope
	known      bool // kept in Scopes
	head, tail []byte
}

// Is returns the scope.
func (s *Scope) Is() instrumentation.Scope { return s.key }

var scopeIDs atomic.Uint64

func newScope(s instrumentation.Scope) *Scope {
	out := &Scope{id: scopeIDs.Add(1), key: s, tail: name(nil, schemaField, s.SchemaURL)}
	if s == (instrumentation.Scope{}) {
		return out
	}
	b, at := open(nil, scopeField)
	b = name(name(b, 1, s.Name), 2, s.Version)
	b, dropped := set(b, 3, s.Attributes, DefaultLimits, 4*MaxText)
	out.head = shut(count(b, 4, dropped), at)
	return out
}

// Scopes has the scopes that there are. A program has few; of one that makes up names some are encoded again and again.
type Scopes struct {
	known atomic.Pointer[[]*Scope]
	mu    sync.Mutex
}

const maxScopes = 64

// Of returns a scope in its encoded form.
func (s *Scopes) Of(scope instrumentation.Scope) *Scope {
	if known := s.find(scope); known != nil {
		return known
	}
	made := newScope(scope)
	if len(scope.Name)+len(scope.Version)+len(scope.SchemaURL)+len(made.head) > 4*MaxName {
		return made
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known := s.find(scope); known != nil {
		return known
	}
	var all []*Scope
	if p := s.known.Load(); p != nil {
		all = *p
	}
	if len(all) < maxScopes {
		made.known = true
		all = append(slices.Clone(all), made)
		s.known.Store(&all)
	}
	return made
}

func (s *Scopes) find(scope instrumentation.Scope) *Scope {
	if p := s.known.Load(); p != nil {
		for _, known := range *p {
			if known.key.Name == scope.Name && known.key == scope {
				return known
			}
		}
	}
	return nil
}

// metric is what the points of a metric have in common.
type metric struct {
	head, tail []byte // name, description and unit; temporality and the like, within the data
	data       int    // the field of the data, which has its kind
}

// Record is an encoded span, log record or point of a metric, with the tag and the length that it has as a field.
type Record struct {
	scope  *Scope
	metric *metric
	Bytes  []byte
}

// NewRecord returns a record. The bytes are kept.
func NewRecord(scope *Scope, b []byte) Record { return Record{scope: scope, Bytes: b} }

// Size is how much memory a record takes.
func (r Record) Size() int {
	const overhead = 48
	n := len(r.Bytes) + overhead
	if r.scope != nil && !r.scope.known {
		n += len(r.scope.head) + len(r.scope.tail) + 2*overhead
	}
	return n
}

// sized is at least how much a record may add to a request.
func (r Record) sized() int {
	n := len(r.Bytes) + 16
	if r.scope != nil {
		n += len(r.scope.head) + len(r.scope.tail)
	}
	if r.metric != nil {
		n += len(r.metric.head) + len(r.metric.tail)
	}
	return n
}

// Sort brings records into the order in which AppendRequest writes as little as can be.
func Sort(records []Record) {
	slices.SortStableFunc(records, func(a, b Record) int { return cmp.Compare(a.scope.id, b.scope.id) })
}

// Fitting is how many of the records one request has place for: at least one.
func Fitting(r *Resource, records []Record) int {
	size := len(r.head) + len(r.tail)
	for i, one := range records {
		if size += one.sized(); size > MaxBody && i > 0 {
			return i
		}
	}
	return len(records)
}

// AppendRequest appends the message that a collector takes: sorted records of one signal.
func AppendRequest(b []byte, r *Resource, records []Record) []byte {
	b, all := open(b, resourcesField)
	b = append(b, r.head...)
	for len(records) > 0 {
		scope := records[0].scope
		n := 1
		for n < len(records) && records[n].scope == scope {
			n++
		}
		b2, at := open(b, scopesField)
		b2 = appendItems(append(b2, scope.head...), records[:n])
		b = shut(append(b2, scope.tail...), at)
		records = records[n:]
	}
	return shut(append(b, r.tail...), all)
}

// appendItems appends records of one scope.
func appendItems(b []byte, records []Record) []byte {
	for len(records) > 0 {
		m := records[0].metric
		if m == nil {
			b = append(b, records[0].Bytes...)
			records = records[1:]
			continue
		}
		b2, at := open(b, itemsField)
		b2, data := open(append(b2, m.head...), protoNumber(m.data))
		for len(records) > 0 && records[0].metric == m {
			b2 = append(b2, records[0].Bytes...)
			records = records[1:]
		}
		b = shut(shut(append(b2, m.tail...), data), at)
	}
	return b
}

// Valid returns a resource whose text is cut and valid.
func Valid(r *resource.Resource) *resource.Resource {
	attrs := r.Attributes()
	fixed := Attributes(attrs, DefaultLimits)
	if len(attrs) == 0 || &fixed[0] == &attrs[0] {
		return r
	}
	return resource.NewWithAttributes(r.SchemaURL(), fixed...)
}
