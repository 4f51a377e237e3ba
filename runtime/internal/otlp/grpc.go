package otlp

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// NewGRPCClient returns a client that sends messages by gRPC, as its specification has it over HTTP/2 (PROTOCOL-HTTP2).
func NewGRPCClient(config Config) *Client {
	c := newClient(config)
	protocols := new(http.Protocols)
	protocols.SetHTTP2(config.URL.Scheme == "https")
	protocols.SetUnencryptedHTTP2(config.URL.Scheme == "http")
	c.transport.Protocols = protocols
	c.prefix = 5
	c.request, c.answer = c.callHeader, c.callAnswer
	return c
}

// callHeader fills in what comes before the message, whether it is compressed and its length, and returns the metadata.
func (c *Client) callHeader(body []byte) http.Header {
	h := c.config.Headers.Clone()
	h.Set("Content-Type", "application/grpc")
	h.Set("Te", "trailers")
	h.Set("Grpc-Timeout", strconv.FormatInt(c.config.Timeout.Milliseconds(), 10)+"m")
	body[0] = 0
	if c.config.Gzip {
		body[0] = 1
		h.Set("Grpc-Encoding", "gzip")
	}
	binary.BigEndian.PutUint32(body[1:], uint32(len(body)-c.prefix))
	return h
}

// callAnswer reads the status, which comes after the message, or in its place.
func (c *Client) callAnswer(resp *http.Response, answer []byte) (again time.Duration, err error) {
	if resp.StatusCode != http.StatusOK || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/grpc") {
		return -1, StatusError{c.config.URL.Redacted(), resp.Status + ", which is not a gRPC response", resp.StatusCode}
	}
	trailer := resp.Trailer
	if trailer.Get("Grpc-Status") == "" {
		trailer = resp.Header
	}
	code, err := strconv.Atoi(trailer.Get("Grpc-Status"))
	if err != nil {
		return -1, StatusError{c.config.URL.Redacted(), "without a gRPC status", resp.StatusCode}
	}
	if code == 0 {
		if len(answer) > 5 && answer[0] == 0 {
			return -1, partial(answer[5:])
		}
		return -1, nil
	}
	message, err := url.PathUnescape(trailer.Get("Grpc-Message"))
	if err != nil {
		message = trailer.Get("Grpc-Message")
	}
	delay, told := retryDelay(trailer.Get("Grpc-Status-Details-Bin"))
	failure := callError{c.config.URL.Redacted(), code, said(message), told}
	switch code {
	case cancelled, deadlineExceeded, aborted, outOfRange, unavailable, dataLoss:
		return delay, failure
	case resourceExhausted:
		if told {
			return delay, failure
		}
	}
	return -1, failure
}

// The codes of gRPC that the protocol of OpenTelemetry has something to say about.
const (
	cancelled         = 1
	unknown           = 2
	invalidArgument   = 3
	deadlineExceeded  = 4
	resourceExhausted = 8
	aborted           = 10
	outOfRange        = 11
	unimplemented     = 12
	internal          = 13
	unavailable       = 14
	dataLoss          = 15
)

// callError is a call that failed.
type callError struct {
	url     string
	code    int
	message string
	told    bool // when to come again
}

func (e callError) Error() string {
	return fmt.Sprintf("%s answers status %d: %s", e.url, e.code, e.message)
}

func (e callError) unsupported() bool { return e.code == unimplemented }

// refused: a server that cannot read a message says internal, one for which it is too large says that a resource is exhausted.
func (e callError) refused() bool {
	switch e.code {
	case unknown, invalidArgument, internal:
		return true
	case resourceExhausted:
		return !e.told
	}
	return false
}

// retryDelay finds a google.rpc.RetryInfo in the details of a status, and how long it says to wait.
func retryDelay(details string) (delay time.Duration, told bool) {
	status, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(details, "="))
	if err != nil {
		return 0, false
	}
	wire.Fields(status, func(number protowire.Number, _ uint64, detail []byte) {
		const typeURL, value, retryDelay, seconds, nanos = 1, 2, 1, 1, 2
		if number != 3 || !strings.HasSuffix(string(fieldBytes(detail, typeURL)), "/google.rpc.RetryInfo") {
			return
		}
		told = true
		wire.Fields(fieldBytes(fieldBytes(detail, value), retryDelay), func(number protowire.Number, n uint64, _ []byte) {
			switch number {
			case seconds:
				delay += time.Duration(min(n, 24*60*60)) * time.Second
			case nanos:
				delay += time.Duration(min(n, 1e9))
			}
		})
	})
	return delay, told
}
