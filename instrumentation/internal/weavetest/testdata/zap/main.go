// Program zap logs by go.uber.org/zap, in requests and outside. A message says whether its record is about a span: "inside" or "outside".
package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

var config = zapcore.EncoderConfig{
	MessageKey: "msg", LevelKey: "level", NameKey: "logger", StacktraceKey: "stack",
	EncodeLevel: zapcore.LowercaseLevelEncoder, EncodeTime: zapcore.ISO8601TimeEncoder, EncodeDuration: zapcore.StringDurationEncoder,
}

// seen is a core of the program's, which is to see what the program logs.
type seen struct{ zapcore.Core }

func (s seen) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	return ce.AddCore(e, s)
}

func (s seen) Write(e zapcore.Entry, fields []zapcore.Field) error {
	for _, f := range fields {
		os.Stdout.WriteString("seen " + f.Key + "\n")
	}
	return nil
}

type hostile struct{}

func (*hostile) Error() string { panic("oh") }

func main() {
	out := zapcore.AddSync(os.Stdout)
	json := zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(config), out, zap.DebugLevel))
	json.Info("outside")
	served(func(ctx context.Context) {
		json.Info("inside")
		json.Debug("inside", zap.Int("n", 1), zap.Duration("d", time.Second), zap.Error(errors.New("no")), zap.Binary("b", []byte{1, 255}),
			zap.String("text", "a\xff\"b"), zap.Any("any", map[string]int{"trace_id": 1}))
		json.Warn("inside theirs", zap.String("trace_id", "mine"))
		json.With(zap.String("trace_id", "mine")).Error("inside theirs")
		named := json.Named("shop").With(zap.Int("with", 1), zap.Namespace("in"), zap.String("trace_id", "nested"))
		named.Info("inside", zap.Namespace("deeper"), zap.Int("n", 2))
		json.Sugar().Infow("inside", "key", "value")
		zap.New(json.Core(), zap.AddStacktrace(zap.ErrorLevel)).Sugar().Infof("inside %d", 1)
		zap.New(zapcore.NewCore(zapcore.NewConsoleEncoder(config), out, zap.InfoLevel)).Info("inside")
		zap.New(zapcore.NewCore(zapcore.NewConsoleEncoder(config), out, zap.InfoLevel)).With(zap.Int("with", 1)).Info("inside", zap.Int("n", 3))
		tee := zap.New(zapcore.NewTee(seen{zapcore.NewNopCore()}, json.Core(), json.Core()))
		tee.Info("inside", zap.Int("n", 4))
		done := make(chan bool)
		go func() {
			defer close(done)
			json.Info("inside")
		}()
		<-done
		func() {
			defer func() {
				if recover() != nil {
					os.Stdout.WriteString("panicked\n")
				}
			}()
			json.Panic("inside")
		}()
		func() {
			defer func() { recover() }()
			json.Info("inside, hostile", zap.NamedError("e", &hostile{}))
		}()
		zap.NewNop().Info("inside, and nothing written")
		// A sampler passes one of three on.
		sampled := zap.New(zapcore.NewSamplerWithOptions(json.Core(), time.Hour, 1, 0))
		for range 3 {
			sampled.Info("inside")
		}
	})
	json.Info("outside")
}

// served calls in in the handler of a request that a client makes.
func served(in func(context.Context)) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { in(r.Context()) }))
	defer s.Close()
	r, err := http.Get(s.URL)
	if err != nil {
		panic(err)
	}
	r.Body.Close()
}
