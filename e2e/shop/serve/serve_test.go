package serve_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/shop/serve"
)

func TestRunTellsItsAddressAndStops(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	file := filepath.Join(t.TempDir(), "address")
	options := serve.Options{Listen: "127.0.0.1:0", AddressFile: file, Grace: 5 * time.Second}
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") })

	done := make(chan error, 1)
	go func() { done <- serve.Run(ctx, options, handler) }()

	address := ""
	for deadline := time.Now().Add(10 * time.Second); address == ""; {
		if time.Now().After(deadline) {
			t.Fatal("no address after 10 s")
		}
		if text, err := os.ReadFile(file); err == nil {
			address = strings.TrimSpace(string(text))
		} else {
			time.Sleep(5 * time.Millisecond)
		}
	}
	response, err := http.Get("http://" + address)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil || string(body) != "hello" {
		t.Fatalf("got %q, %v", body, err)
	}
	stop()
	if err := <-done; err != nil {
		t.Fatalf("run: %v", err)
	}
}

func TestRunReportsAnAddressInUse(t *testing.T) {
	err := serve.Run(context.Background(), serve.Options{Listen: "256.0.0.1:0"}, http.NotFoundHandler())
	if err == nil {
		t.Fatal("listened on an impossible address")
	}
}
