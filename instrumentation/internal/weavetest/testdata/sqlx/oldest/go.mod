module example.com/sqlx

go 1.25.0

require (
	github.com/jmoiron/sqlx v1.3.0
	github.com/lib/pq v1.2.0
)
