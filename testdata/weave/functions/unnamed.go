package p

import (
	"context"
	h "net/http"
)

type weaveParam0 struct{}

func (weaveParam0) Serve(context.Context, *h.Request) (_ int, err error) {
	if err != nil {
		return
	}
	return 1, nil
}

func Blank(_ context.Context, _, weaveExit int) {}
