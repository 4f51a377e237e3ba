// Command twirp calls itself by Twirp, by clients and a server that Twirp's generator has made.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/twitchtv/twirp"
	"github.com/twitchtv/twirp/example"
)

var (
	client example.Haberdasher
	tries  atomic.Int32
	over   = make(chan struct{}, 1) // a call that was given up has returned
)

// hatter makes hats, and what not by their size.
type hatter struct{}

func (hatter) MakeHat(ctx context.Context, size *example.Size) (*example.Hat, error) {
	switch size.Inches {
	case 1:
		return nil, twirp.NotFoundError("there is no such thing at https://user:secret@example.com/")
	case 2:
		return nil, errors.New("broken")
	case 3:
		return nil, twirp.InternalError("broken")
	case 4:
		panic("as asked")
	case 5:
		if tries.Add(1) == 1 {
			return nil, twirp.NewError(twirp.Aborted, "once more")
		}
	case 6:
		<-ctx.Done()
		<-over
		return nil, twirp.NewError(twirp.Canceled, "too late")
	case 7:
		// No context is passed on.
		if _, err := client.MakeHat(context.Background(), &example.Size{Inches: 12}); err != nil {
			return nil, err
		}
	case 8:
		if _, err := client.MakeHat(ctx, &example.Size{Inches: 12}); err != nil {
			return nil, err
		}
	case 9:
		panic(9) // which an interceptor recovers
	}
	return &example.Hat{Color: "black"}, nil
}

// again is an interceptor of the program's own, which tries a call again.
func again(next twirp.Method) twirp.Method {
	return func(ctx context.Context, req interface{}) (interface{}, error) {
		res, err := next(ctx, req)
		var of twirp.Error
		if errors.As(err, &of) && of.Code() == twirp.Aborted {
			return next(ctx, req)
		}
		return res, err
	}
}

// recovers is one of the server's.
func recovers(next twirp.Method) twirp.Method {
	return func(ctx context.Context, req interface{}) (res interface{}, err error) {
		defer func() {
			if value := recover(); value == 9 {
				err = twirp.NewError(twirp.DataLoss, "recovered")
			} else if value != nil {
				panic(value)
			}
		}()
		return next(ctx, req)
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	handler := example.NewHaberdasherServer(hatter{}, twirp.WithServerInterceptors(twirp.ChainInterceptors(recovers, again)))
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	go server.Serve(listener)
	url := "http://" + listener.Addr().String()
	web := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // a handler's panic closes its connection
	client = example.NewHaberdasherProtobufClient(url, web, twirp.WithClientInterceptors(again))
	json := example.NewHaberdasherJSONClient(url, web)
	ctx := context.Background()
	make := func(ctx context.Context, by example.Haberdasher, inches int32) {
		hat, err := by.MakeHat(ctx, &example.Size{Inches: inches})
		var of twirp.Error
		errors.As(err, &of)
		if of != nil {
			fmt.Println(inches, of.Code())
			return
		}
		fmt.Println(inches, hat.GetColor(), err)
	}
	make(ctx, client, 12)
	make(ctx, json, 12)
	for inches := int32(1); inches <= 9; inches++ {
		if inches != 6 {
			make(ctx, client, inches)
		}
	}
	late, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	make(late, client, 6)
	cancel()
	over <- struct{}{}
	if resp, err := web.Post(url+"/twirp/twitch.twirp.example.Haberdasher/Unmake", "application/json", nil); err == nil {
		resp.Body.Close()
		fmt.Println(resp.StatusCode)
	}
	server.Shutdown(ctx)
	make(ctx, client, 12)
}
