package aws

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// Limits of SQS and SNS: on attributes of a message, and on the bytes of a message or a batch, which was raised once.
const maxAttributes = 10

var maxMessages = []int{256 << 10, 1 << 20}

// maxClientContext is how long the text of a client context may be.
const maxClientContext = 3583

// send begins an operation that sends messages.
func (o *operation) send(ctx context.Context, of *hook.Messaging, input any, attrs func() []attribute.KeyValue) (context.Context, any, exit) {
	v := inputOf(input)
	batch := batchOf(v)
	first := v
	if batch.IsValid() {
		if batch.Len() == 0 {
			return ctx, input, nil
		}
		first = batch.Index(0)
	}
	if hook.Carried(ctx, func(key string) string { return attributeOf(first, key) }) {
		return ctx, input, nil // the program has made that span for it
	}
	verb := "send"
	if o.service == "SNS" {
		verb = "publish"
	}
	with, sending := of.Send(ctx, verb, hook.Message{Destination: destination(input), Count: entries(input), More: attrs})
	if sending == nil {
		return with, input, o.exit(ctx, nil, false, nil)
	}
	carried := propagation.MapCarrier{}
	sending.Inject(func(key, value string) { carried[key] = value })
	if v.IsValid() && len(carried) > 0 && !full(v, batch, carried) {
		input = carrying(v, carried)
	}
	return with, input, o.exit(ctx, func(err error, more ...attribute.KeyValue) {
		sending.Set(more...)
		sending.End(cause(err))
	}, true, nil)
}

// full reports whether messages would be too large if each of them carried this, too.
func full(v, batch reflect.Value, carried map[string]string) bool {
	size, more := 0, 0
	for key, value := range carried {
		more += len(key) + len(value) + len("String")
	}
	if batch.IsValid() {
		for i := range batch.Len() {
			size += len(text(batch.Index(i), "MessageBody")) + len(text(batch.Index(i), "Message"))
		}
		more *= batch.Len()
	} else {
		size = len(text(v, "MessageBody")) + len(text(v, "Message"))
	}
	for _, limit := range maxMessages {
		if size <= limit && size+more+1024 > limit {
			return true
		}
	}
	return false
}

// attributeOf returns the text of a message's attribute.
func attributeOf(message reflect.Value, key string) string {
	if !message.IsValid() {
		return ""
	}
	all := message.FieldByName("MessageAttributes")
	if all.Kind() != reflect.Map || all.Type().Key().Kind() != reflect.String {
		return ""
	}
	value := all.MapIndex(reflect.ValueOf(key).Convert(all.Type().Key()))
	if value.Kind() != reflect.Struct {
		return ""
	}
	return text(value, "StringValue")
}

// carrying returns a copy of an input whose messages have more attributes. The program's stays as it is.
func carrying(v reflect.Value, carried map[string]string) any {
	made := reflect.New(v.Type())
	made.Elem().Set(v)
	if batch := batchOf(made.Elem()); batch.IsValid() {
		copied := reflect.MakeSlice(batch.Type(), batch.Len(), batch.Len())
		reflect.Copy(copied, batch)
		for i := range copied.Len() {
			add(copied.Index(i), carried)
		}
		batch.Set(copied)
	} else {
		add(made.Elem(), carried)
	}
	return made.Interface()
}

// add gives a message more attributes, all or none.
func add(message reflect.Value, carried map[string]string) {
	all := message.FieldByName("MessageAttributes")
	if all.Kind() != reflect.Map || !all.CanSet() || all.Type().Key().Kind() != reflect.String || all.Type().Elem().Kind() != reflect.Struct {
		return
	}
	copied := reflect.MakeMapWithSize(all.Type(), all.Len()+len(carried))
	for entry := all.MapRange(); entry.Next(); {
		copied.SetMapIndex(entry.Key(), entry.Value())
	}
	for key, value := range carried {
		made := reflect.New(all.Type().Elem()).Elem()
		if !point(made.FieldByName("DataType"), "String") || !point(made.FieldByName("StringValue"), value) {
			return
		}
		copied.SetMapIndex(reflect.ValueOf(key).Convert(all.Type().Key()), made)
	}
	if copied.Len() <= maxAttributes {
		all.Set(copied)
	}
}

// point has a field point to a text.
func point(field reflect.Value, text string) bool {
	if field.Kind() != reflect.Pointer || field.Type().Elem().Kind() != reflect.String || !field.CanSet() {
		return false
	}
	field.Set(reflect.New(field.Type().Elem()))
	field.Elem().SetString(text)
	return true
}

// receive begins to ask for messages. Where that is a step of nothing, a span tells of it only if it fails: a consumer waits most of its
// time.
func (o *operation) receive(ctx context.Context, input any, attrs func() []attribute.KeyValue) (with context.Context, in any, end exit) {
	about := hook.Message{Destination: destination(input), More: attrs}
	with, fetching := sqs.Fetch(ctx, "receive", about)
	in, asked := asking(input)
	if fetching == nil {
		with = hook.Suppress(ctx)
	}
	began := time.Now()
	return with, in, o.exit(ctx, func(err error, more ...attribute.KeyValue) {
		if fetching != nil {
			fetching.Set(more...)
			return
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			code := codeOf(err)
			lib.StartPast(ctx, began, o.service+"."+o.name, append(attrs(), more...)...).EndAs(err, code, code)
		}
	}, true, func(output any, err error) {
		if err == nil {
			taken(with, output, about, asked)
		}
		fetching.End(cause(err))
	})
}

// asking returns a copy of an input that asks for the attributes that carry contexts, and which of them the program has not asked for.
func asking(input any) (in any, asked []string) {
	v := inputOf(input)
	if !v.IsValid() {
		return input, nil
	}
	names := v.FieldByName("MessageAttributeNames")
	if !names.IsValid() {
		return input, nil
	}
	has, ok := names.Interface().([]string)
	if !ok || slices.Contains(has, "All") || slices.Contains(has, ".*") {
		return input, nil
	}
	hook.Try(func() {
		for _, field := range otel.GetTextMapPropagator().Fields() {
			if !slices.Contains(has, field) {
				asked = append(asked, field)
			}
		}
	})
	if len(asked) == 0 {
		return input, nil
	}
	made := reflect.New(v.Type())
	made.Elem().Set(v)
	made.Elem().FieldByName("MessageAttributeNames").Set(reflect.ValueOf(append(slices.Clone(has), asked...)))
	return made.Interface(), asked
}

// taken tells of the messages of an output, and takes those of their attributes away that the program has not asked for.
func taken(ctx context.Context, output any, about hook.Message, asked []string) {
	v := inputOf(output)
	if !v.IsValid() {
		return
	}
	all := v.FieldByName("Messages")
	if all.Kind() != reflect.Slice || all.Type().Elem().Kind() != reflect.Struct || all.Len() == 0 {
		return
	}
	carried := make([]map[string]string, all.Len())
	for i := range carried {
		message := all.Index(i)
		carried[i] = map[string]string{}
		hook.Try(func() {
			for _, field := range otel.GetTextMapPropagator().Fields() {
				carried[i][field] = attributeOf(message, field)
			}
		})
		attributes := message.FieldByName("MessageAttributes")
		if attributes.Kind() != reflect.Map || !attributes.CanSet() || attributes.Type().Key().Kind() != reflect.String {
			continue
		}
		for _, name := range asked {
			attributes.SetMapIndex(reflect.ValueOf(name).Convert(attributes.Type().Key()), reflect.Value{})
		}
		if attributes.Len() == 0 && len(asked) > 0 {
			attributes.SetZero()
			if sum := message.FieldByName("MD5OfMessageAttributes"); sum.IsValid() && sum.CanSet() {
				sum.SetZero()
			}
		}
	}
	if len(carried) == 1 {
		about.ID = text(all.Index(0), "MessageId")
	}
	sqs.TakeBatch(ctx, about, len(carried), func(i int) func(string) string {
		return func(key string) string { return carried[i][key] }
	})
}

// invoked returns a copy of the input of Lambda's Invoke whose client context carries the context, where that is an object that has room.
func invoked(ctx context.Context, input any) any {
	v := inputOf(input)
	if !v.IsValid() {
		return input
	}
	whole := map[string]json.RawMessage{}
	custom := map[string]json.RawMessage{}
	if has := text(v, "ClientContext"); has != "" {
		decoded, err := base64.StdEncoding.DecodeString(has)
		if err != nil || json.Unmarshal(decoded, &whole) != nil || whole == nil {
			return input
		}
		if inner := whole["custom"]; inner != nil && (json.Unmarshal(inner, &custom) != nil || custom == nil) {
			return input
		}
	}
	carried := propagation.MapCarrier{}
	if !hook.Try(func() { otel.GetTextMapPropagator().Inject(ctx, carried) }) || len(carried) == 0 {
		return input
	}
	for key, value := range carried {
		if _, has := custom[key]; has {
			return input
		}
		custom[key], _ = json.Marshal(value)
	}
	whole["custom"], _ = json.Marshal(custom)
	encoded, err := json.Marshal(whole)
	if err != nil || base64.StdEncoding.EncodedLen(len(encoded)) > maxClientContext {
		return input
	}
	made := reflect.New(v.Type())
	made.Elem().Set(v)
	if !point(made.Elem().FieldByName("ClientContext"), base64.StdEncoding.EncodeToString(encoded)) {
		return input
	}
	return made.Interface()
}
