// Package shelf keeps books. Rules for a pattern of packages are about its exported methods, its calls and its comments.
package shelf

import (
	"context"
	"errors"

	"example.com/zoo/shelf/index"
)

// Shelf has books.
type Shelf struct{ books []string }

// Put puts a book on the shelf.
func (s *Shelf) Put(book string) { s.books = append(s.books, book) }

// Len counts.
func (s Shelf) Len() int { return s.count() }

func (s Shelf) count() int { return len(s.books) }

// Find finds a book.
//
//weave:span find.book book:$book
func (s *Shelf) Find(ctx context.Context, book string) (uint64, error) {
	for i, b := range s.books {
		if b == book {
			return look(ctx, i, b), nil
		}
	}
	return 0, errors.New("no such book")
}

//dd:span floor:2 note:"by hand"
func look(_ context.Context, i int, book string) uint64 {
	if i > 1 {
		panic("too high")
	}
	return index.Of(book)
}

// Read reads a book.
//
//weave:log
func Read(book string) string { return book + " is read" }
