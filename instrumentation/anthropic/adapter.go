//go:build weave_adapter

package requestconfig

import (
	"bytes"
	"context"
	"io"
	"net/url"
)

// weaveBase returns the address of the service that a request is for.
func weaveBase(cfg *RequestConfig) *url.URL {
	if cfg.BaseURL == nil {
		return cfg.DefaultBaseURL
	}
	return cfg.BaseURL
}

// weaveBody returns what returns the body of a request, as long as it is in memory, and reads nothing of it.
func weaveBody(cfg *RequestConfig) func() []byte {
	return func() []byte {
		switch body := cfg.Body.(type) {
		case *bytes.Buffer:
			return body.Bytes()
		case *bytes.Reader:
			again := *body
			text, _ := io.ReadAll(&again)
			return text
		}
		return nil
	}
}

// weaveContext returns what gives a request another context.
func weaveContext(cfg *RequestConfig) func(context.Context) {
	return func(ctx context.Context) { cfg.Request = cfg.Request.WithContext(ctx) }
}
