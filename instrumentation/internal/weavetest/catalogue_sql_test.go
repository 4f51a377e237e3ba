package weavetest

// What runs its statements by database/sql has no instrumentation of its own, and needs none.
func init() {
	catalogue["gorm"] = library{server: postgres, of: "database_sql", programs: []use{
		{name: "all", tree: clients(`
			PING
			CREATE TABLE orders
			BEGIN
			INSERT orders
			COMMIT
			SELECT orders
			SELECT orders
			BEGIN
			UPDATE orders
			COMMIT
			BEGIN
			DELETE orders
			ROLLBACK
			BEGIN
			INSERT orders error *pgconn.PgError
			ROLLBACK`)},
		{name: "many", names: []string{"CREATE TABLE orders", "DELETE orders", "PING", "SELECT orders"}},
	}}
	catalogue["sqlx"] = library{server: postgres, of: "database_sql", programs: []use{
		{name: "all", tree: clients(`
			CREATE TABLE orders
			INSERT orders
			SELECT orders
			SELECT orders
			SELECT orders
			PREPARE SELECT orders
			SELECT orders
			BEGIN
			DELETE orders
			COMMIT
			SELECT nothing error *pq.Error`)},
		{name: "many", names: []string{"CREATE TABLE orders", "INSERT orders"}},
	}}
}
