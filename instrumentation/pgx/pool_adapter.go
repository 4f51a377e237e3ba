//go:build weave_adapter

package pgxpool

// weaveStat returns the numbers of a pool.
func weaveStat(pool interface{}) (idle, used, max int32) {
	s := pool.(*Pool).Stat()
	return s.IdleConns(), s.AcquiredConns(), s.MaxConns()
}

// weavePlace tells where the database of a pool is, and returns the program's tracer.
func weavePlace(pool interface{}) (host string, port uint16, database string, tracer interface{}, known bool) {
	p, _ := pool.(*Pool)
	if p == nil || p.config == nil || p.config.ConnConfig == nil {
		return "", 0, "", nil, false
	}
	c := p.config.ConnConfig
	return c.Host, c.Port, c.Database, c.Tracer, true
}
