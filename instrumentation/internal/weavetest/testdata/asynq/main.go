// Command asynq puts tasks into queues and handles them.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"sync"
	"time"

	"github.com/hibiken/asynq"
)

var (
	bg   = context.Background()
	web  *httptest.Server
	done sync.WaitGroup
)

// work is what handlers do, by functions that are given nothing of the task.
func work() {
	resp, err := http.Get(web.URL + "/work")
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
}

func main() {
	redis := asynq.RedisClientOpt{Addr: os.Getenv("REDIS"), DB: 7}
	client := asynq.NewClient(redis)
	inspector := asynq.NewInspector(redis)
	for _, queue := range []string{"default", "slow"} {
		if err := inspector.DeleteQueue(queue, true); err != nil && !errors.Is(err, asynq.ErrQueueNotFound) {
			log.Fatal(err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/work", func(http.ResponseWriter, *http.Request) {})
	web = httptest.NewServer(mux)
	defer web.Close()

	enqueue := func(task *asynq.Task, opts ...asynq.Option) {
		done.Add(1)
		info, err := client.Enqueue(task, opts...)
		if err != nil {
			log.Fatal(err)
		}
		done.Wait()
		fmt.Println(info.Type, info.Queue, len(task.Headers()))
	}
	server := asynq.NewServer(redis, asynq.Config{Concurrency: 1, LogLevel: asynq.FatalLevel, TaskCheckInterval: 10 * time.Millisecond,
		DelayedTaskCheckInterval: 10 * time.Millisecond, Queues: map[string]int{"default": 1, "slow": 1},
		RetryDelayFunc: func(int, error, *asynq.Task) time.Duration { return time.Millisecond }})
	handlers := asynq.NewServeMux()
	handlers.HandleFunc("mail", func(ctx context.Context, t *asynq.Task) error {
		defer done.Done()
		fmt.Println(string(t.Payload()), t.Headers()["mine"])
		work()
		return nil
	})
	handlers.HandleFunc("order", func(ctx context.Context, t *asynq.Task) error {
		work()
		done.Add(1)
		_, err := client.Enqueue(asynq.NewTask("mail", []byte("secret of an order")))
		done.Done()
		return err
	})
	tries := 0
	handlers.HandleFunc("flaky", func(ctx context.Context, t *asynq.Task) error {
		if tries++; tries == 1 {
			return errors.New("not yet, at https://user:secret@example.com/")
		}
		if tries == 2 {
			panic("not even now")
		}
		done.Done()
		return nil
	})
	if err := server.Start(handlers); err != nil {
		log.Fatal(err)
	}
	enqueue(asynq.NewTask("mail", []byte("secret letter")))
	enqueue(asynq.NewTaskWithHeaders("mail", []byte("secret letter"), map[string]string{"mine": "kept", "traceparent": "of nobody"}), asynq.Queue("slow"))
	enqueue(asynq.NewTask("order", nil, asynq.Queue("slow")))
	enqueue(asynq.NewTask("flaky", nil), asynq.MaxRetry(5))
	enqueue(asynq.NewTask("mail", []byte("secret letter, later")), asynq.ProcessIn(time.Millisecond))

	// Errors.
	over, cancel := context.WithCancel(bg)
	cancel()
	_, err := client.EnqueueContext(over, asynq.NewTask("mail", nil))
	fmt.Println(err != nil)
	_, err = client.Enqueue(nil)
	fmt.Println(err)
	_, err = client.Enqueue(asynq.NewTask(" ", nil))
	fmt.Println(err)
	server.Shutdown()
	client.Close()
}
