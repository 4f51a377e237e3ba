// Command aws_lambda is a function of AWS Lambda, which ends as a process does that is frozen and never thawed.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"syscall"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// event is what the function is given.
type event struct{ Do string }

func handle(ctx context.Context, e event) (string, error) {
	lc, _ := lambdacontext.FromContext(ctx)
	switch e.Do {
	case "end":
		syscall.RawSyscall(syscall.SYS_EXIT_GROUP, 0, 0, 0)
	case "fail":
		fmt.Println(lc.AwsRequestID, "fails")
		return "", errors.New("secret")
	}
	req, err := http.NewRequestWithContext(ctx, "GET", os.Getenv("LAMBDA_OTHER"), nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	res.Body.Close()
	fmt.Println(lc.AwsRequestID, res.StatusCode)
	return "secret", nil
}

func main() {
	log.SetFlags(0) // the library says when what fails has failed
	lambda.Start(handle)
}
