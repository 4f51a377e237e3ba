//go:build weave_adapter

package rueidis

import "github.com/redis/rueidis/internal/cmds"

// weaveAddress returns where a connection leads.
func weaveAddress(connection interface{}) string {
	if p, is := connection.(*pipe); is && p != nil && p.conn != nil {
		if addr := p.conn.RemoteAddr(); addr != nil {
			return addr.String()
		}
	}
	return ""
}

// weaveGive gives a connection, or what stands for those of a node, what hooks know of its server.
func weaveGive(to, server interface{}) {
	switch to := to.(type) {
	case *pipe:
		if to != nil {
			to.weaveServer.Store(server)
		}
	case *mux:
		if to != nil {
			if dead, is := to.dead.(*pipe); is && dead != nil {
				dead.weaveServer.Store(server)
			}
		}
	}
}

// weaveInternal reports whether a command is the client's own.
func weaveInternal(cmd Completed) bool {
	words := cmd.Commands()
	if len(words) == 0 {
		return true
	}
	for _, own := range [...]Completed{cmds.PingCmd, cmds.SlotCmd, cmds.ShardsCmd, cmds.RoleCmd} {
		if &own.Commands()[0] == &words[0] {
			return true
		}
	}
	return false
}

// weaveFault returns the first error of what a server answered, that of a transaction's commands, too, and what the server says of it.
// That there is nothing is none.
func weaveFault(answer interface{}, transaction bool) (fault error, text string) {
	var all []RedisResult
	switch a := answer.(type) {
	case RedisResult:
		fault = weaveReal(a.Error())
	case *redisresults:
		all = a.s
	}
	for i := 0; i < len(all) && fault == nil; i++ {
		fault = weaveReal(all[i].Error())
	}
	for i := 0; i < len(all) && fault == nil && transaction; i++ {
		if all[i].err != nil || all[i].val.typ != '*' {
			continue // of what is not an array, ToArray panics in some versions
		}
		within, err := all[i].ToArray()
		for j := 0; j < len(within) && fault == nil && err == nil; j++ {
			fault = weaveReal(within[j].Error())
		}
	}
	if e, is := IsRedisErr(fault); is {
		text = e.Error()
	}
	return fault, text
}

// weaveReal returns an error; that there is nothing is none.
func weaveReal(err error) error {
	if IsRedisNil(err) {
		return nil
	}
	return err
}
