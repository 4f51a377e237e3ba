package weavetest

import (
	"strings"
	"testing"
)

func init() {
	try := func(method, failed string, depth int) string {
		in := strings.Repeat("  ", depth)
		return in + method + " (client)" + failed + "\n" + in + "  " + method + " (server)\n"
	}
	operation := func(name, failed, method, status string) string {
		return name + " (client)" + failed + "\n" + try(method, status, 1)
	}
	sent := func(name string) string { return name + " (producer)\n" + try("POST", "", 1) }
	worked := func(depth int) string {
		in := strings.Repeat("  ", depth)
		return try("GET", "", depth) + in + "delete orders (client)\n" + try("POST", "", depth+1)
	}
	const answered = "POST (server)\n" // what waits for messages has no span
	catalogue["aws"] = library{programs: []use{
		{name: "operations", metrics: map[string]uint64{"rpc.client.call.duration": 12}, check: awsAttributes, tree: `` +
			operation("S3.GetObject", "", "GET", "") +
			operation("S3.GetObject", " error NoSuchKey", "GET", " error 404") +
			operation("DynamoDB.GetItem", "", "POST", "") +
			operation("DynamoDB.GetItem", "", "POST", " error 400") + try("POST", " error 400", 1) + try("POST", "", 1) +
			operation("DynamoDB.GetItem", " error ResourceNotFoundException", "POST", " error 400") +
			operation("DynamoDB.BatchGetItem", "", "POST", "") +
			"DynamoDB.GetItem (client) error smithy.InvalidParamsError\n" +
			"DynamoDB.GetItem (client) error *errors.errorString\n" +
			strings.Repeat(operation("Lambda.Invoke", "", "POST", ""), 4)},
		{name: "messages", metrics: map[string]uint64{"messaging.client.sent.messages": 0, "messaging.process.duration": 4}, tree: `` +
			sent("send orders") + "  process orders (consumer)\n" + worked(2) +
			sent("send orders") +
			sent("send orders") +
			sent("send orders") + "  process orders (consumer)\n" + worked(2) + worked(2) +
			"send missing (producer) error *types.QueueDoesNotExist\n" + try("POST", " error 400", 1) +
			sent("publish news") +
			operation("SNS.Publish", "", "POST", "") +
			answered + answered +
			"process orders (consumer)\n" + worked(1) + // of a message that had no room
			answered +
			"process orders (consumer)\n" + worked(1) +
			answered + answered +
			"SQS.ReceiveMessage (client) error QueueDoesNotExist\n" + answered},
		{name: "messages", env: []string{"OTEL_INSTRUMENTATION_AWS_ENABLED=false", "OTEL_INSTRUMENTATION_NET_HTTP_ENABLED=false"}},
	}}
}

// awsAttributes checks what spans show of what was asked for.
func awsAttributes(t *testing.T, spans []Span) {
	for _, s := range spans {
		want := map[string]string{}
		switch s.Name {
		case "S3.GetObject":
			want = map[string]string{"rpc.method": "S3/GetObject", "aws.s3.bucket": "bucket", "aws.request_id": "request", "cloud.region": "eu-north-1"}
		case "DynamoDB.BatchGetItem":
			want = map[string]string{"db.system.name": "aws.dynamodb"}
		case "Lambda.Invoke":
			want = map[string]string{"faas.invoked_name": "work", "aws.request_id": "request"}
		}
		for key, value := range want {
			if got := s.Attribute(key); got != value {
				t.Errorf("%s: %s is %q, not %q", s.Name, key, got, value)
			}
		}
	}
}
