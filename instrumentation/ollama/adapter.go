//go:build weave_adapter

package api

import "net/http"

// weaveBegin returns the request to send in place of another one, and weaveGot is called with what it has led to.
var (
	weaveBegin func(request *http.Request) *http.Request
	weaveGot   func(request *http.Request, response *http.Response, err error)
)
