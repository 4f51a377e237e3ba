// Program aws asks services of AWS by github.com/aws/aws-sdk-go-v2. What answers stands in for them, in the program itself: AWS is nothing
// that a test can start.
package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamotypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// message is one in a queue.
type message struct {
	ID, Body string
	Attrs    map[string]map[string]any
}

// cloud is what answers. It keeps messages in one queue, and fails where a name says so.
type cloud struct {
	sync.Mutex
	queue    []message
	number   int
	throttle int
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.Lock()
	defer c.Unlock()
	body, _ := io.ReadAll(r.Body)
	c.number++
	w.Header().Set("X-Amzn-Requestid", "request")
	w.Header().Set("X-Amz-Request-Id", "request")
	w.Header().Set("X-Amz-Id-2", "extended")
	target := r.Header.Get("X-Amz-Target")
	fail := func(code int, name string) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"__type":%q,"message":"of secret"}`, name)
	}
	switch {
	case strings.HasPrefix(target, "AmazonSQS."):
		var in struct {
			QueueUrl, MessageBody string
			MessageAttributes     map[string]map[string]any
			MessageAttributeNames []string
			MaxNumberOfMessages   int
			Entries               []struct {
				Id, MessageBody   string
				MessageAttributes map[string]map[string]any
			}
		}
		if err := json.Unmarshal(body, &in); err != nil {
			panic(err)
		}
		if strings.HasSuffix(in.QueueUrl, "/missing") {
			fail(400, "com.amazonaws.sqs#QueueDoesNotExist")
			return
		}
		out := map[string]any{}
		put := func(text string, attrs map[string]map[string]any) string {
			id := fmt.Sprint("message-", len(c.queue))
			text = text[:min(len(text), 5)]
			c.queue = append(c.queue, message{id, text, attrs})
			return id
		}
		switch strings.TrimPrefix(target, "AmazonSQS.") {
		case "SendMessage":
			out["MessageId"] = put(in.MessageBody, in.MessageAttributes)
		case "SendMessageBatch":
			done := []any{}
			for _, e := range in.Entries {
				done = append(done, map[string]any{"Id": e.Id, "MessageId": put(e.MessageBody, e.MessageAttributes)})
			}
			out["Successful"], out["Failed"] = done, []any{}
		case "ReceiveMessage":
			n := min(max(in.MaxNumberOfMessages, 1), len(c.queue))
			messages := []any{}
			for _, m := range c.queue[:n] {
				attrs := map[string]any{}
				for name, value := range m.Attrs {
					if slices.Contains(in.MessageAttributeNames, name) || slices.Contains(in.MessageAttributeNames, "All") {
						attrs[name] = value
					}
				}
				shown := map[string]any{"MessageId": m.ID, "Body": m.Body, "ReceiptHandle": m.ID}
				if len(attrs) > 0 {
					shown["MessageAttributes"], shown["MD5OfMessageAttributes"] = attrs, "sum"
				}
				messages = append(messages, shown)
			}
			c.queue = c.queue[n:]
			if n > 0 {
				out["Messages"] = messages
			}
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		json.NewEncoder(w).Encode(out)
	case strings.HasPrefix(target, "DynamoDB_"):
		if bytes.Contains(body, []byte("throttled")) && c.throttle < 2 {
			c.throttle++
			fail(400, "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException")
			return
		}
		if bytes.Contains(body, []byte("missing")) {
			fail(400, "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException")
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		fmt.Fprint(w, `{}`)
	case strings.HasPrefix(r.URL.Path, "/2015-03-31/functions/"):
		decoded, _ := base64.StdEncoding.DecodeString(r.Header.Get("X-Amz-Client-Context"))
		var client struct{ Custom map[string]string }
		json.Unmarshal(decoded, &client)
		mine := client.Custom["mine"]
		fmt.Fprintf(w, "%q", mine)
	case strings.Contains(string(body), "Action=Publish"):
		w.Header().Set("Content-Type", "text/xml")
		fmt.Fprint(w, `<PublishResponse><PublishResult><MessageId>m</MessageId></PublishResult><ResponseMetadata><RequestId>request</RequestId></ResponseMetadata></PublishResponse>`)
	case strings.HasPrefix(r.URL.Path, "/bucket/missing"):
		w.WriteHeader(404)
		fmt.Fprint(w, `<Error><Code>NoSuchKey</Code><Message>of secret</Message></Error>`)
	default:
		fmt.Fprint(w, "object")
	}
}

func say(what string) { fmt.Print(what, " ") }

// must returns a result, and tells which error there was by its code.
func must[T any](out T, err error) T {
	var coded interface{ ErrorCode() string }
	switch {
	case err == nil:
		fmt.Println("ok")
	case errors.As(err, &coded):
		fmt.Println(coded.ErrorCode())
	default:
		fmt.Println("failed")
	}
	return out
}

func main() {
	log := &cloud{}
	answers := httptest.NewServer(log)
	defer answers.Close()
	config := aws.Config{
		Region:      "eu-north-1",
		Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""),
		Retryer:     func() aws.Retryer { return quick{aws.NopRetryer{}} },
	}
	storage := s3.NewFromConfig(config, func(o *s3.Options) { o.BaseEndpoint, o.UsePathStyle = &answers.URL, true })
	queues := sqs.NewFromConfig(config, func(o *sqs.Options) { o.BaseEndpoint = &answers.URL })
	topics := sns.NewFromConfig(config, func(o *sns.Options) { o.BaseEndpoint = &answers.URL })
	tables := dynamodb.NewFromConfig(config, func(o *dynamodb.Options) { o.BaseEndpoint = &answers.URL })
	functions := lambda.NewFromConfig(config, func(o *lambda.Options) { o.BaseEndpoint = &answers.URL })
	ctx := context.Background()
	queue := aws.String("https://sqs/1/orders")

	switch os.Args[1] {
	case "operations":
		say("get")
		got := must(storage.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("a")}))
		b, _ := io.ReadAll(got.Body)
		fmt.Println(string(b))
		say("missing")
		must(storage.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("missing")}))
		say("signed")
		signed := must(s3.NewPresignClient(storage).PresignGetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("bucket"), Key: aws.String("a")}))
		fmt.Println(signed.Method, len(signed.SignedHeader))
		id := map[string]dynamotypes.AttributeValue{"id": &dynamotypes.AttributeValueMemberS{Value: "a secret"}}
		say("item")
		must(tables.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("orders"), Key: id}))
		say("throttled")
		must(tables.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("throttled"), Key: id}))
		say("none")
		must(tables.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("missing"), Key: id}))
		say("two")
		must(tables.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]dynamotypes.KeysAndAttributes{
			"b": {Keys: []map[string]dynamotypes.AttributeValue{id}}, "a": {Keys: []map[string]dynamotypes.AttributeValue{id}},
		}}))
		say("invalid")
		must(tables.GetItem(ctx, &dynamodb.GetItemInput{}))
		gone, cancel := context.WithCancel(ctx)
		cancel()
		say("cancelled")
		must(tables.GetItem(gone, &dynamodb.GetItemInput{TableName: aws.String("orders"), Key: id}))
		for _, own := range []string{"", `{"custom":{"mine":"kept"}}`, `{"custom":1}`, `no json`} {
			in := &lambda.InvokeInput{FunctionName: aws.String("arn:aws:lambda:eu-north-1:1:function:work:7"), Payload: []byte("{}")}
			if own != "" {
				in.ClientContext = aws.String(base64.StdEncoding.EncodeToString([]byte(own)))
			}
			say("invoked")
			fmt.Println(string(must(functions.Invoke(ctx, in)).Payload), in.ClientContext == nil)
		}
	case "messages":
		work := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		defer work.Close()
		one := &sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String("one"), MessageAttributes: map[string]sqstypes.MessageAttributeValue{
			"mine": {DataType: aws.String("String"), StringValue: aws.String("kept")},
		}}
		say("send")
		must(queues.SendMessage(ctx, one))
		fmt.Println(len(one.MessageAttributes))
		many := map[string]sqstypes.MessageAttributeValue{}
		for i := range 10 {
			many[fmt.Sprint("n", i)] = sqstypes.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String("x")}
		}
		say("full")
		must(queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String("full"), MessageAttributes: many}))
		say("large")
		must(queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: queue, MessageBody: aws.String(strings.Repeat("x", 256<<10))}))
		say("batch")
		must(queues.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: queue, Entries: []sqstypes.SendMessageBatchRequestEntry{
			{Id: aws.String("a"), MessageBody: aws.String("two")}, {Id: aws.String("b"), MessageBody: aws.String("three")},
		}}))
		say("missing")
		must(queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: aws.String("https://sqs/1/missing"), MessageBody: aws.String("secret")}))
		say("publish")
		must(topics.Publish(ctx, &sns.PublishInput{TopicArn: aws.String("arn:aws:sns:eu-north-1:1:news"), Message: aws.String("secret")}))
		say("text")
		must(topics.Publish(ctx, &sns.PublishInput{PhoneNumber: aws.String("+0"), Message: aws.String("secret")}))
		done := make(chan bool)
		go func() {
			defer close(done)
			for _, in := range []*sqs.ReceiveMessageInput{{}, {}, {}, {MaxNumberOfMessages: 10}, {}} {
				in.QueueUrl = queue
				say("receive")
				got := must(queues.ReceiveMessage(ctx, in))
				fmt.Println(len(in.MessageAttributeNames))
				for _, m := range got.Messages {
					fmt.Println(len(*m.Body), len(m.MessageAttributes), m.MD5OfMessageAttributes == nil)
					if r, err := http.Get(work.URL + "/work"); err == nil {
						r.Body.Close()
					}
					say("delete")
					must(queues.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: queue, ReceiptHandle: m.ReceiptHandle}))
				}
			}
			say("missing")
			must(queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String("https://sqs/1/missing")}))
		}()
		<-done
	}
}

// quick tries what is throttled again, at once.
type quick struct{ aws.NopRetryer }

func (quick) IsErrorRetryable(err error) bool {
	var coded interface{ ErrorCode() string }
	return errors.As(err, &coded) && coded.ErrorCode() == "ProvisionedThroughputExceededException"
}
func (quick) MaxAttempts() int                             { return 3 }
func (quick) RetryDelay(int, error) (time.Duration, error) { return 0, nil }
func (quick) GetRetryToken(context.Context, error) (func(error) error, error) {
	return func(error) error { return nil }, nil
}
func (quick) GetInitialToken() func(error) error { return func(error) error { return nil } }
