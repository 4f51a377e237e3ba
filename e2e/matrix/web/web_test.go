package web_test

import (
	"testing"

	"example.com/matrix/web"
)

func TestGet(t *testing.T) {
	url, err := web.Serve()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := web.Get(url + "/hello/gopher"); err != nil || got != "hello gopher" {
		t.Fatalf("got %q, %v", got, err)
	}
}
