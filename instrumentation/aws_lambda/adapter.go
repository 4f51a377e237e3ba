//go:build weave_adapter

package lambda

import (
	"context"
	"net/http"

	"github.com/aws/aws-lambda-go/lambda/messages"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// weaveInvocation returns what a context says of an invocation: its identity, the function's name and resource, and what the caller adds.
func weaveInvocation(ctx context.Context) (id, name, function string, custom map[string]string) {
	if lc, is := lambdacontext.FromContext(ctx); is && lc != nil {
		return lc.AwsRequestID, lambdacontext.FunctionName, lc.InvokedFunctionArn, lc.ClientContext.Custom
	}
	return "", "", "", nil
}

// weaveFailure returns the type of the error that an invocation is answered with; "" for none.
func weaveFailure(answer interface{}) (kind string, failed bool) {
	if e, is := answer.(*messages.InvokeResponse_Error); is && e != nil {
		return e.Type, true
	}
	return "", false
}

// weaveQuiet has the requests by which a process talks to its runtime sent by what wrap makes of the transport.
func weaveQuiet(client interface{}, wrap func(http.RoundTripper) http.RoundTripper) {
	if c, is := client.(*runtimeAPIClient); is && c != nil && c.httpClient != nil {
		c.httpClient.Transport = wrap(c.httpClient.Transport)
	}
}
