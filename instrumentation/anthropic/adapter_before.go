//go:build weave_adapter

package requestconfig

import (
	"io"
	"net/http"
)

// weaveOwn reports whether the SDK makes a span of the call by itself: these versions never do.
func weaveOwn(*RequestConfig) bool { return false }

// weaveUnder returns where the body of a response is.
func weaveUnder(response *http.Response) *io.ReadCloser { return &response.Body }
