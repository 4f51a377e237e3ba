//go:build weave_adapter

package memcache

// weaveSet has a connection, which is one command's until it is given back, know of it.
func weaveSet(connection, call interface{}) {
	if cn, is := connection.(*conn); is && cn != nil {
		cn.weaveCall = call
	}
}

// weaveTake returns what weaveSet gave.
func weaveTake(cn *conn) (call interface{}) {
	call, cn.weaveCall = cn.weaveCall, nil
	return call
}

// weaveCode returns an error as the protocol has it; that there is nothing is none.
func weaveCode(err error) (fault error, code string) {
	switch err {
	case ErrCacheMiss:
		return nil, ""
	case ErrNotStored:
		return err, "NOT_STORED"
	case ErrCASConflict:
		return err, "EXISTS"
	}
	return err, ""
}
