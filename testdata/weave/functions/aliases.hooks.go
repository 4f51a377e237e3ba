package hooks

import (
	"context"
	"io/fs"
	"os"
)

// Mode is another name of what the function takes.
type Mode = os.FileMode

// Open is called with types by their own names.
func Open(ctx context.Context, name string, mode fs.FileMode) (context.Context, func(fs.FileInfo, error) (os.FileInfo, error)) {
	return ctx, nil
}

// Chmod takes a type by a name of this package.
func Chmod(name string, mode Mode) func(error) { return nil }

// Walk has them inside of others.
func Walk(f func(string, fs.FileInfo) error, all map[string]fs.FileMode) {}
