package aws

import (
	"reflect"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

// What is known of inputs is read by reflection: hooks name no type of a service, of which there are hundreds.

// input returns the struct that an operation's input points to; the zero value for none.
func inputOf(input any) reflect.Value {
	v := reflect.ValueOf(input)
	if v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() != reflect.Struct {
		return reflect.Value{}
	}
	return v.Elem()
}

// serviceOf returns the name of the package that an input is of: a service's.
func serviceOf(input any) string {
	v := inputOf(input)
	if !v.IsValid() {
		return ""
	}
	path := v.Type().PkgPath()
	if !strings.HasPrefix(path, "github.com/aws/aws-sdk-go-v2/service/") {
		return ""
	}
	return path[strings.LastIndexByte(path, '/')+1:]
}

// text returns a field that is a string, or points to one; empty for none.
func text(v reflect.Value, field string) string {
	if !v.IsValid() {
		return ""
	}
	f := v.FieldByName(field)
	if f.Kind() == reflect.Pointer && !f.IsNil() {
		f = f.Elem()
	}
	if f.Kind() != reflect.String {
		return ""
	}
	return f.String()
}

// resources are what attributes show of the input of a service's operation.
var resources = map[string][]struct{ field, attribute string }{
	"Kinesis":         {{"StreamName", "aws.kinesis.stream_name"}},
	"Lambda":          {{"FunctionName", "faas.invoked_name"}},
	"S3":              {{"Bucket", "aws.s3.bucket"}, {"Key", "aws.s3.key"}, {"UploadId", "aws.s3.upload_id"}},
	"SFN":             {{"StateMachineArn", "aws.step_functions.state_machine.arn"}, {"ActivityArn", "aws.step_functions.activity.arn"}},
	"SNS":             {{"TopicArn", "aws.sns.topic.arn"}},
	"SQS":             {{"QueueUrl", "aws.sqs.queue.url"}},
	"Secrets Manager": {{"SecretId", "aws.secretsmanager.secret.arn"}},
}

// attributes are those of an operation's span at its beginning.
func (o *operation) attributes(region string, input any) []attribute.KeyValue {
	attrs := append(make([]attribute.KeyValue, 0, 8), system, attribute.String("rpc.method", o.service+"/"+o.name))
	if region != "" {
		attrs = append(attrs, attribute.String("cloud.region", region))
	}
	v := inputOf(input)
	for _, r := range resources[o.service] {
		value := text(v, r.field)
		if value == "" || strings.HasSuffix(r.attribute, ".arn") && !strings.HasPrefix(value, "arn:") {
			continue
		}
		if r.field == "FunctionName" {
			value = function(value)
			attrs = append(attrs, attribute.String("faas.invoked_provider", "aws"))
			if region != "" {
				attrs = append(attrs, attribute.String("faas.invoked_region", region))
			}
		}
		attrs = append(attrs, attribute.String(r.attribute, value))
	}
	if o.service == "DynamoDB" {
		attrs = append(attrs, attribute.String("db.system.name", "aws.dynamodb"), attribute.String("db.operation.name", o.name))
		tables := tablesOf(v)
		if len(tables) > 0 {
			attrs = append(attrs, attribute.StringSlice("aws.dynamodb.table_names", tables))
		}
		if len(tables) == 1 {
			attrs = append(attrs, attribute.String("db.collection.name", tables[0]))
		}
		if index := text(v, "IndexName"); index != "" {
			attrs = append(attrs, attribute.String("aws.dynamodb.index_name", index))
		}
	}
	return attrs
}

// function returns the name of a function, which may be given by its ARN, or with its account or its version.
func function(name string) string {
	if _, rest, ok := strings.Cut(name, ":function:"); ok {
		name = rest
	}
	name, _, _ = strings.Cut(name, ":")
	return name
}

// maxTables bounds how many tables are shown, maxTable how many bytes of each.
const maxTables, maxTable = 16, 255

// tablesOf returns the tables that an operation is on, in the order of letters.
func tablesOf(v reflect.Value) (tables []string) {
	if name := text(v, "TableName"); name != "" {
		return []string{hook.Cut(name, maxTable)}
	}
	if !v.IsValid() {
		return nil
	}
	if items := v.FieldByName("RequestItems"); items.Kind() == reflect.Map && items.Type().Key().Kind() == reflect.String {
		for keys := items.MapRange(); keys.Next(); {
			tables = append(tables, hook.Cut(keys.Key().String(), maxTable))
		}
		slices.Sort(tables)
	}
	return tables[:min(len(tables), maxTables)]
}

// destination returns the name of the queue or topic that an operation is on.
func destination(input any) string {
	v := inputOf(input)
	name := text(v, "QueueUrl")
	if name != "" {
		return name[strings.LastIndexByte(name, '/')+1:]
	}
	if name = text(v, "TopicArn"); name == "" {
		name = text(v, "TargetArn")
	}
	return name[strings.LastIndexByte(name, ':')+1:]
}

// batchOf returns the entries of a batch; the zero value for an operation that is none.
func batchOf(v reflect.Value) reflect.Value {
	if v.IsValid() {
		for _, name := range []string{"Entries", "PublishBatchRequestEntries"} {
			if f := v.FieldByName(name); f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct {
				return f
			}
		}
	}
	return reflect.Value{}
}

// entries returns how many messages an operation is on; 0 for one that is not a batch, or has one message.
func entries(input any) int {
	if batch := batchOf(inputOf(input)); batch.IsValid() && batch.Len() > 1 {
		return batch.Len()
	}
	return 0
}
