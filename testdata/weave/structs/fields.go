package p

import "net/http"

type (
	// Transport has a comment after its last field.
	Transport struct {
		A, B int `json:"a"` // last
	}
	Empty struct{}
	http2 struct{ http.Client; n int }
	Generic[T any] struct {
		v T
	}
)

type Ignored struct { //weave:ignore is not here
	x int
}

//weave:ignore
type Left struct {
	x int
}

var _ = Transport{A: 1}
var _ = http2{}
