package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

func init() { programs["reuse"] = reuse }

// reuse has statements, queries and requests under way at once, in any order, each with a text of its own that says how it ends. Rows
// are closed late, twice, and by other goroutines.
func reuse() {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "fail") {
			w.WriteHeader(http.StatusInternalServerError)
		}
		io.WriteString(w, r.URL.Path)
	}))
	db, err := sql.Open("fake", "")
	check(err)
	ctx := context.Background()
	open := make(chan *sql.Rows, 16)
	var group sync.WaitGroup
	for g := range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			random := rand.New(rand.NewPCG(1, uint64(g)))
			for i := range 50 {
				id := fmt.Sprintf("%d_%d", g, i)
				switch random.IntN(7) {
				case 0:
					_, err := db.ExecContext(ctx, "UPDATE well"+id+" SET a = 1")
					check(err)
				case 1:
					rows, err := db.QueryContext(ctx, "SELECT id FROM fail"+id)
					check(err)
					for rows.Next() {
					}
					rows.Close()
				case 2:
					rows, err := db.QueryContext(ctx, "SELECT id FROM well"+id)
					check(err)
					select {
					case open <- rows:
					default:
						rows.Close()
					}
				case 3:
					select {
					case rows := <-open:
						rows.Close()
						db.ExecContext(ctx, "UPDATE well"+id+" SET a = 1")
						rows.Close()
					default:
					}
				case 4:
					tx, err := db.BeginTx(ctx, nil)
					check(err)
					_, err = tx.Exec("UPDATE well" + id + " SET a = 1")
					check(err)
					check(tx.Commit())
					tx.Rollback()
				case 5:
					get(ctx, s.URL+"/well"+id)
				case 6:
					get(ctx, s.URL+"/fail"+id)
				}
			}
		}()
	}
	group.Wait()
	close(open)
	for rows := range open {
		rows.Close()
	}
	s.Close()
}
