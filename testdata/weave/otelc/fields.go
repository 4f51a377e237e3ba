package p

import "net/http"

func wrapped(h http.Handler) http.Handler { return h }

func New() *http.Server {
	return &http.Server{
		Addr: "a" +
			"b",
		MaxHeaderBytes: 4, ReadTimeout: 3,
		Handler: http.DefaultServeMux,
	}
}

func Empty() (http.Server, *http.Server) {
	return http.Server{}, &http.Server{ReadTimeout: 1}
}
