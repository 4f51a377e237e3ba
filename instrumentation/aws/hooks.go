// Package aws has the hooks for github.com/aws/aws-sdk-go-v2, in the one function that every operation of every service's client goes
// through: a span for each operation, called Service.Operation, which all its attempts are in as spans of their own, by net/http's
// instrumentation; and rpc.client.call.duration.
//
// What SQS and SNS send are messages: they carry the context of the span that sends them among their attributes, of which there are ten
// at most. What a goroutine does after ReceiveMessage is below the messages' span, until it asks for others; see hook.Messaging. The
// attributes that carry contexts are not among those that the program sees unless it asks for them. A request to Lambda carries the
// context in its client context.
//
// Nothing is done for what is only signed, and where the program instruments by itself: by otelaws, or by smithy's own tracing. Of what
// is sent and answered, spans have names alone: of buckets, keys, tables, queues, topics, functions; errors are shown by their codes.
package aws

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/sdk"
)

// gate is before every hook.
var gate hook.Gate

var (
	lib       = hook.NewAt("aws", "1.43.0")
	sqs       = hook.NewMessaging(lib, "aws_sqs")
	sns       = hook.NewMessaging(lib, "aws.sns")
	durations = hook.NewCallDuration(lib, func(k key) []attribute.KeyValue {
		attrs := []attribute.KeyValue{system, attribute.String("rpc.method", k.method)}
		if k.failed != "" {
			attrs = append(attrs, attribute.String("error.type", k.failed))
		}
		return attrs
	})
)

var system = attribute.String("rpc.system.name", "aws-api")

// key is what the durations of operations are told apart by.
type key struct{ method, failed string }

func init() {
	gate.Open("aws")
	if !gate.Closed() {
		hook.HideErrors(describe)
	}
}

// exit is told the results of an operation.
type exit = func(output, metadata any, err error)

// operation is one that is going on.
type operation struct {
	service, name string
	began         time.Time // zero: nobody measures
	metadata      func(any) (request, extended string)
}

// Handle is woven into (*Stack).HandleMiddleware, and returns the context and the input to go on with.
func Handle(ctx context.Context, stack, input any, tell func(context.Context, any) (operation, service, region string),
	metadata func(any) (request, extended string)) (with context.Context, in any, end exit) {
	with, in = ctx, input
	if gate.Closed() || ctx == nil || !lib.On() {
		return with, in, nil
	}
	defer lib.Recover()
	if hook.Suppressed(ctx) || instrumented(ctx) {
		return with, in, nil
	}
	name, service, region := tell(ctx, stack)
	if service == "" {
		service = serviceOf(input)
	}
	if name == "" || service == "" {
		return with, in, nil
	}
	o := &operation{service: service, name: name, began: durations.Start(), metadata: metadata}
	attrs := func() []attribute.KeyValue { return o.attributes(region, input) }
	switch service + "." + name {
	case "SQS.SendMessage", "SQS.SendMessageBatch":
		return o.send(ctx, sqs, input, attrs)
	case "SNS.Publish", "SNS.PublishBatch":
		if destination(input) != "" {
			return o.send(ctx, sns, input, attrs)
		}
	case "SQS.DeleteMessage", "SQS.DeleteMessageBatch":
		with, settling := sqs.Settle(ctx, "delete", hook.Message{Destination: destination(input), Count: entries(input), More: attrs})
		return with, in, o.exit(ctx, func(err error, more ...attribute.KeyValue) {
			settling.Set(more...)
			settling.End(cause(err))
		}, settling != nil, nil)
	case "SQS.ReceiveMessage":
		return o.receive(ctx, input, attrs)
	}
	with, op, late := lib.StartBare(ctx, hook.Client, service+"."+name, attrs)
	if late && op.Recording() {
		op.Set(attrs()...)
	}
	if op.Recording() && service == "Lambda" && name == "Invoke" {
		in = invoked(with, input)
	}
	return with, in, o.exit(ctx, func(err error, more ...attribute.KeyValue) {
		op.Set(more...)
		code := ""
		if err != nil {
			code = codeOf(err)
		}
		op.EndAs(err, code, code)
	}, op.Recording(), nil)
}

// instrumented reports whether smithy's own tracing has made a span for the operation.
func instrumented(ctx context.Context) bool {
	scope, _, known := sdk.Made(hook.Explicit(ctx))
	return known && strings.HasPrefix(scope, "github.com/aws/")
}

// exit returns what ends an operation: after is told of the output first, and ended then.
func (o *operation) exit(ctx context.Context, ended func(err error, more ...attribute.KeyValue), recording bool, after func(output any, err error)) exit {
	if !recording && o.began.IsZero() && after == nil {
		return nil
	}
	return func(output, metadata any, err error) {
		defer lib.Recover()
		failed := ""
		if err != nil {
			failed = codeOf(err)
		}
		durations.Stop(ctx, o.began, key{o.service + "/" + o.name, failed})
		if recording {
			request, extended := o.metadata(metadata)
			var told interface{ ServiceRequestID() string }
			if request == "" && err != nil && errors.As(err, &told) {
				hook.Try(func() { request = told.ServiceRequestID() })
			}
			var more []attribute.KeyValue
			if request != "" {
				more = append(more, attribute.String("aws.request_id", request))
			}
			if extended != "" {
				more = append(more, attribute.String("aws.extended_request_id", extended))
			}
			ended(err, more...)
		}
		if after != nil {
			after(output, err)
		}
	}
}

// apiError is an error that a service answers with.
type apiError interface {
	error
	ErrorCode() string
	ErrorMessage() string
}

// cause returns the error that a service has answered with, without what has gone before; else the error as it is.
func cause(err error) error {
	var answered apiError
	if errors.As(err, &answered) {
		return answered
	}
	return err
}

// describe returns what is shown of an error of a service: its message may have values of the request in it.
func describe(err error) (text string, known bool) {
	var answered apiError
	if !errors.As(err, &answered) {
		return "", false
	}
	if t := reflect.TypeOf(answered); t.Kind() != reflect.Pointer || !strings.HasPrefix(t.Elem().PkgPath(), "github.com/aws/") {
		return "", false
	}
	return answered.ErrorCode(), true
}

// codeOf returns the code of a service's error, or else the error's type in Go.
func codeOf(err error) (code string) {
	var coded interface{ ErrorCode() string }
	if errors.As(err, &coded) {
		hook.Try(func() { code = coded.ErrorCode() })
	}
	if code == "" || len(code) > 128 {
		return hook.ErrorType(err)
	}
	return code
}
