package hooks

import (
	"context"
	"net/http"
)

func Serve(ctx context.Context, r *http.Request) (context.Context, func(int, error) (int, error)) {
	return ctx, nil
}

func Blank(ctx context.Context, n int) context.Context { return ctx }
