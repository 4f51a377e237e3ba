package web_test

import (
	"testing"

	"example.com/zoo/web"
)

func TestGet(t *testing.T) {
	url, err := web.Serve()
	if err != nil {
		t.Fatal(err)
	}
	got, err := web.Get(url + "/hello/gopher")
	if err != nil || got != "hello gopher" {
		t.Fatalf("got %q, %v", got, err)
	}
}
