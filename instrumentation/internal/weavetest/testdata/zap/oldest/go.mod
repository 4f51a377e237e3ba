module example.com/zap

go 1.24

require go.uber.org/zap v1.20.0

require (
	go.uber.org/atomic v1.7.0 // indirect
	go.uber.org/multierr v1.6.0 // indirect
)
