//go:build weave_adapter

package requestconfig

import (
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/anthropics/anthropic-sdk-go/internal/tracing"
)

// weaveOwn reports whether the SDK makes a span of the call by itself.
func weaveOwn(cfg *RequestConfig) bool {
	if cfg.OpenTelemetry.SpanName == "" {
		return false
	}
	if on := cfg.OpenTelemetry.Traces.Enabled; on != nil {
		return *on
	}
	return !strings.EqualFold(os.Getenv("ANTHROPIC_OPEN_TELEMETRY"), "false")
}

// weaveUnder returns where the body is that the SDK's span reads along with; the SDK knows its own wrapper by the type.
func weaveUnder(response *http.Response) *io.ReadCloser {
	if body, ok := response.Body.(*tracing.ResponseBody); ok {
		return &body.ReadCloser
	}
	return &response.Body
}
