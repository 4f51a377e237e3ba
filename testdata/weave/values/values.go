package p

import (
	"net/http"
	"time"
)

var DefaultTransport http.RoundTripper = &http.Transport{}

var (
	a, b = 1, "x"
	plain int
	hook func(string)
	pair, err = time.ParseDuration("1s")
)

const (
	Limit = 10
	one = iota
	two
)
