//go:build weave_adapter

package pgx

// weaveAbout tells what spans of a connection show: the text of a statement, which may be given by the name that it was prepared by; where
// the database is, and, where it may be one of several servers, the address of the one that the connection is to; and the program's
// tracer.
func weaveAbout(conn interface{}, sql string) (text, host string, port uint16, database, address string, tracer interface{}, known bool) {
	c, _ := conn.(*Conn)
	if c == nil || c.config == nil {
		return "", "", 0, "", "", nil, false
	}
	if sd := c.preparedStatements[sql]; sd != nil {
		sql = sd.SQL
	}
	host, port = c.config.Host, c.config.Port
	for _, other := range c.config.Fallbacks {
		if other.Host == host && other.Port == port {
			continue // the same without encryption
		}
		if c.pgConn != nil && c.pgConn.Conn() != nil {
			address = c.pgConn.Conn().RemoteAddr().String()
		}
		break
	}
	return sql, host, port, c.config.Database, address, c.config.Tracer, true
}

// weavePrepared reports whether a statement is prepared already, so that nothing is asked of the server.
func weavePrepared(conn interface{}, name, sql string) bool {
	c, _ := conn.(*Conn)
	if c == nil || name == "" {
		return false
	}
	sd := c.preparedStatements[name]
	return sd != nil && sd.SQL == sql
}
