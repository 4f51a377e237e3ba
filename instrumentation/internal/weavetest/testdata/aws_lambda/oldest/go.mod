module example.com/aws_lambda

go 1.24

require github.com/aws/aws-lambda-go v1.40.0
