package main

import (
	"context"

	"github.com/gocql/gocql"
)

func query(s *gocql.Session, ctx context.Context, statement string, values ...any) *gocql.Query {
	return s.Query(statement, values...).WithContext(ctx)
}

func batch(s *gocql.Session, ctx context.Context, statements ...string) error {
	b := s.NewBatch(gocql.LoggedBatch).WithContext(ctx)
	for _, statement := range statements {
		b.Query(statement, "1", "secret")
	}
	return s.ExecuteBatch(b)
}
