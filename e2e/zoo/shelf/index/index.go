// Package index gives numbers to books.
package index

import "github.com/cespare/xxhash/v2"

// Of returns the number of a book.
func Of(book string) uint64 {
	return xxhash.Sum64String(book)
}
