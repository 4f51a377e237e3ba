//go:build weave_adapter

package gocql

import "sync/atomic"

// weaveQuery returns how many statements a request has, what returns each, how consistent it is to be, how many rows a page has, and who
// is told of it.
func weaveQuery(request interface{}) (n int, statement func(int) string, consistency string, page int, observer interface{}) {
	switch r := request.(type) {
	case *internalQuery:
		if r != nil {
			return 1, func(int) string { return r.qryOpts.stmt }, Consistency(atomic.LoadUint32(&r.consistency)).String(), r.qryOpts.pageSize, r.qryOpts.observer
		}
	case *internalBatch:
		if r != nil {
			return len(r.batchOpts.entries), func(i int) string { return r.batchOpts.entries[i].Stmt }, Consistency(atomic.LoadUint32(&r.consistency)).String(), 0, r.batchOpts.observer
		}
	}
	return 0, nil, "", 0, nil
}

// weaveNode returns where a connection leads.
func weaveNode(connection interface{}) (address, center, id string) {
	if c, is := connection.(*Conn); is && c != nil && c.host != nil {
		return c.host.HostnameAndPort(), c.host.DataCenter(), c.host.HostID()
	}
	return "", "", ""
}

// weaveFault returns what a request has ended with, and the code if a node says so; 0 is one, too.
func weaveFault(result interface{}) (err error, code int, coded bool) {
	i, is := result.(*Iter)
	if !is || i == nil {
		return nil, 0, false
	}
	if e, is := i.err.(RequestError); is {
		return i.err, e.Code(), true
	}
	return i.err, 0, false
}
