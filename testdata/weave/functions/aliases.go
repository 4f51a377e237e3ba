package p

import (
	"context"
	"os"
)

type (
	Ctx  = context.Context
	Bits = Mode
	Mode = os.FileMode
	List = []Entry
)

type Entry = *entry

type entry struct{ name string }

func Open(ctx Ctx, name string, mode os.FileMode) (os.FileInfo, error) {
	return os.Stat(name)
}

func Chmod(name string, mode Bits) error {
	return os.Chmod(name, mode)
}

func Walk(f func(string, os.FileInfo) error, all map[string]Mode) (list List) {
	return nil
}

func Other(ctx context.Context, entries ...Entry) error {
	return ctx.Err()
}
