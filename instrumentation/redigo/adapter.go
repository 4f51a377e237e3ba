//go:build weave_adapter

package redis

import (
	"errors"
	"net"
)

// weaveDatabase returns the database that a connection begins with.
func weaveDatabase(options []DialOption) int {
	do := dialOptions{dialer: &net.Dialer{}}
	for _, option := range options {
		if option.f != nil {
			option.f(&do)
		}
	}
	return do.db
}

// weaveSet gives a connection what hooks know of it.
func weaveSet(connection, state interface{}) {
	if c, is := connection.(*conn); is && c != nil {
		c.weaveState = state
	}
}

// weaveOf returns it.
func weaveOf(connection interface{}) interface{} {
	if c, is := connection.(*conn); is && c != nil {
		return c.weaveState
	}
	return nil
}

// weaveAsks says that the next command, or the one after it, is described already.
func weaveAsks(c *conn) {
	c.mu.Lock()
	c.weaveAsked++
	c.mu.Unlock()
}

// weaveOwn returns what hooks know of a connection; nil where the command that comes is described already.
func weaveOwn(c *conn) interface{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.weaveAsked > 0 {
		c.weaveAsked--
		return nil
	}
	return c.weaveState
}

// weaveFault returns the error that a reply has in it, where it is one of several commands, and what the server says of an error.
func weaveFault(reply interface{}, err error, several bool) (fault error, text string) {
	fault = err
	if list, is := reply.([]interface{}); is && several && fault == nil {
		for _, one := range list {
			if e, is := one.(Error); is {
				fault = e
				break
			}
		}
	}
	var own Error
	if fault != nil && errors.As(fault, &own) {
		text = string(own)
	}
	return fault, text
}

// weaveNumbers returns the numbers of a pool.
func weaveNumbers(pool interface{}) (active, idle, max int) {
	p := pool.(*Pool)
	s := p.Stats()
	return s.ActiveCount, s.IdleCount, p.MaxActive
}
