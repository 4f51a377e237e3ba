//go:build weave_adapter

package redis

import "net"

// weaveServer tells where a client's or a subscription's server is.
func weaveServer(client interface{}) (addr string, db int, known bool) {
	var opt *Options
	switch c := client.(type) {
	case *baseClient:
		if c != nil {
			opt = c.opt
		}
	case *PubSub:
		if c != nil {
			opt = c.opt
		}
	case *Client:
		if c != nil && c.baseClient != nil {
			opt = c.baseClient.opt
		}
	}
	if opt == nil {
		return "", 0, false
	}
	return opt.Addr, opt.DB, true
}

// weaveNode returns the client of a cluster's node.
func weaveNode(node *clusterNode) *baseClient {
	if node == nil || node.Client == nil {
		return nil
	}
	return node.Client.baseClient
}

// weavePeer returns a client of which no more is known than where its connection leads.
func weavePeer(connection interface{ RemoteAddr() net.Addr }) *baseClient {
	addr := connection.RemoteAddr()
	if addr == nil {
		return nil
	}
	return &baseClient{opt: &Options{Addr: addr.String()}}
}

// weaveCommand returns the name of a command, in lower case, and its arguments, the name among them.
func weaveCommand(cmd interface{}) (name string, args []interface{}) {
	c, _ := cmd.(Cmder)
	if c == nil {
		return "", nil
	}
	return c.FullName(), c.Args()
}

// weaveFirst returns where the first of several commands is; nil for none.
func weaveFirst(cmds []Cmder) interface{} {
	if len(cmds) == 0 {
		return nil
	}
	return &cmds[0]
}

// weaveErr returns the error that a command has ended with; that there is nothing is none. In some versions Err waits.
func weaveErr(cmd interface{}) error {
	var err error
	switch c := cmd.(type) {
	case interface{ rawErr() error }:
		err = c.rawErr()
	case Cmder:
		err = c.Err()
	}
	return weaveReal(err)
}

// weaveReal returns an error; that there is nothing is none.
func weaveReal(err error) error {
	if err == Nil {
		return nil
	}
	return err
}

// weaveStats returns the numbers of a client's pool.
func weaveStats(client interface{}) (total, idle uint32, max int) {
	c := client.(*Client)
	s := c.PoolStats()
	return s.TotalConns, s.IdleConns, c.Options().PoolSize
}
