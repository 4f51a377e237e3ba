//go:build cgo

package main

/*
#include <pthread.h>

extern void weavetestCallback(void);

static void call(void) { weavetestCallback(); }

static void *in_thread(void *unused) {
	weavetestCallback();
	return unused;
}

static int call_in_thread(void) {
	pthread_t thread;
	int err = pthread_create(&thread, 0, in_thread, 0);
	return err ? err : pthread_join(thread, 0);
}
*/
import "C"

import "net/http"

func init() {
	// C calls back in the goroutine that called it.
	programs["callback"] = func() {
		serve(func(w http.ResponseWriter, r *http.Request) { C.call(); do("next") }, "/x")
		C.call()
	}
	// C calls back in threads of its own, which have nothing to do with the request; nor with each other, where the runtime uses
	// for the second what it made for the first.
	programs["thread"] = func() {
		serve(func(w http.ResponseWriter, r *http.Request) {
			for range 2 {
				if err := C.call_in_thread(); err != 0 {
					panic(err)
				}
			}
			do("next")
		}, "/x")
	}
}
