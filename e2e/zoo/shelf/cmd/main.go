// Cmd looks for each of its arguments on a shelf.
package main

import (
	"context"
	"fmt"
	"os"

	"example.com/zoo/shelf"
	"example.com/zoo/shelf/still"
)

func main() {
	var s shelf.Shelf
	s.Put("go")
	s.Put("bazel")
	s.Put("rust")
	fmt.Println(s.Len(), still.Title("books"), shelf.Read("it"))
	for _, book := range os.Args[1:] {
		fmt.Println(find(&s, book))
	}
}

func find(s *shelf.Shelf, book string) (n uint64, err any) {
	defer func() {
		if p := recover(); p != nil {
			err = p
		}
	}()
	return s.Find(context.Background(), book)
}
