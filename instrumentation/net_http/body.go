package net_http

import (
	"io"
	"net/http"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// clientBody is the response's body: its end is the span's end. If nobody reads it to its end or closes it, the span ends when the
// body is garbage, or the program ends. The body is not kept alive by what it is told about, and holds none of it once it has ended.
type clientBody struct {
	body    io.ReadCloser
	request atomic.Pointer[client] // nil when the span has ended
	unread  *unread
}

// unread is garbage where the body is. It has the finalizer in its place: what reads trailers leads from the body to the response, and so
// back to the body. A runtime.AddCleanup of the body takes one allocation more.
type unread struct{ request *client }

func (u *unread) forgotten() { u.request.forgotten() }

func newClientBody(c *client, body io.ReadCloser) *clientBody {
	b := &clientBody{body: body}
	c.responded = time.Now()
	b.request.Store(c)
	open.add(c)
	b.unread = &unread{c}
	runtime.SetFinalizer(b.unread, (*unread).forgotten)
	return b
}

// Read reads from the body.
func (b *clientBody) Read(p []byte) (int, error) {
	n, err := b.body.Read(p)
	if err != nil {
		if err == io.EOF {
			b.end(nil)
		} else {
			b.end(err)
		}
	}
	return n, err
}

// Close closes the body.
func (b *clientBody) Close() error {
	err := b.body.Close()
	b.end(nil)
	return err
}

func (b *clientBody) end(err error) {
	c := b.request.Swap(nil)
	if c == nil {
		return
	}
	defer instrumentation.Recover()
	runtime.SetFinalizer(b.unread, nil)
	open.remove(c)
	c.end(err)
}

// forgotten ends the span of a response whose body nobody has read to its end or closed, as of the time when the header was there.
func (c *client) forgotten() {
	defer instrumentation.Recover()
	open.remove(c)
	if !c.ended.Swap(true) {
		c.op.EndAt(c.responded)
	}
}

// plainBody reports whether a body can do nothing but be read and closed, so that a wrapper takes nothing away: a switched protocol's
// body can be written to, others be taken over, and an empty one knows that it is empty.
func plainBody(b io.ReadCloser) bool {
	return b != nil && b != http.NoBody && reflect.TypeOf(b).NumMethod() == 2
}

// openRequests are the requests whose responses have bodies that somebody may still read, in many lists, so that those who add
// seldom meet.
type openRequests [32]struct {
	sync.Mutex
	first *client
	_     [48]byte // no two in one line of a cache
}

var open openRequests

func (o *openRequests) add(c *client) {
	id := c.op.Span().SpanContext().SpanID()
	c.list = id[len(id)-1] % byte(len(o))
	list := &o[c.list]
	list.Lock()
	if c.next = list.first; c.next != nil {
		c.next.before = c
	}
	list.first = c
	list.Unlock()
}

func (o *openRequests) remove(c *client) {
	list := &o[c.list]
	list.Lock()
	switch {
	case c.before != nil:
		c.before.next = c.next
	case list.first == c:
		list.first = c.next
	}
	if c.next != nil {
		c.next.before = c.before
	}
	c.before, c.next = nil, nil
	list.Unlock()
}

// forget ends the spans of all of them. It is called where the program ends, in whatever state it is: who holds a lock may never go on.
func (o *openRequests) forget() {
	for i := range o {
		list := &o[i]
		for tries := 0; tries < 1000; tries++ {
			if !list.TryLock() {
				runtime.Gosched()
				continue
			}
			c := list.first
			list.Unlock()
			if c == nil {
				break
			}
			tries = 0
			c.forgotten()
		}
	}
}

func init() { sdk.BeforeEnd(open.forget) }
