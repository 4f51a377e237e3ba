package logs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/sdk/instrumentation"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/export"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/queue"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// recorded returns what is sent of a record.
func recorded(t *testing.T, r slog.Record, with ...export.With) (s wire.Shown) {
	t.Helper()
	n := 0
	p := &pipeline{scope: new(wire.Scopes).Of(instrumentation.Scope{Name: scope}), maxAttrs: 128, limits: wire.DefaultLimits}
	p.Queue = queue.New(queue.Config{Delay: time.Hour, Timeout: time.Minute, Items: 10, Batch: 10}, func(_ context.Context, records []wire.Record) (int, error) {
		for _, r := range records {
			if n++; len(r.Bytes) > wire.MaxItem+64 {
				t.Errorf("%d bytes", len(r.Bytes))
			}
			s = wire.ShowLog(r.Bytes)
		}
		return 0, nil
	}, func(err error, lost int) { t.Errorf("%d lost: %v", lost, err) }, func() {})
	p.Record(context.Background(), &r, with)
	if err := p.ForceFlush(context.Background()); err != nil || n != 1 {
		t.Fatalf("%d records, %v", n, err)
	}
	return s
}

func record(message string, args ...any) slog.Record {
	r := slog.NewRecord(time.Unix(1, 0), slog.LevelWarn, message, 0)
	r.Add(args...)
	return r
}

type panicker struct{}

func (*panicker) Error() string { panic("oh") }

type resolver struct{}

func (r resolver) LogValue() slog.Value { return slog.AnyValue(r) } // for ever

type lostValuer struct{}

func (*lostValuer) LogValue() slog.Value { panic("oh") }

// TestHostileValues logs what no handler may be given without care. That the test ends is a check as well.
func TestHostileValues(t *testing.T) {
	cycle := map[string]any{}
	cycle["self"] = cycle
	list := []any{nil}
	list[0] = list
	attrs := make([]slog.Attr, 1)
	group := slog.GroupValue(attrs...)
	attrs[0] = slog.Attr{Key: "g", Value: group}
	huge := strings.Repeat("x", 1<<20) + "\xff"
	s := recorded(t, record("message \xff"+huge, "k\xff", "v\xff", "cycle", cycle, "list", list, "group", group, "huge", huge, "bytes", []byte(huge),
		"error", error((*panicker)(nil)), "endless", resolver{}, "panics", (*lostValuer)(nil), "nan", math.NaN(), "struct", struct{ A, B any }{huge, cycle},
		"wrapped", fmt.Errorf("in: %w", errors.New("\xff")), "nil", nil))
	if body := s.Body.(string); !strings.HasPrefix(body, "message \uFFFDxx") || len(body) > wire.MaxText {
		t.Errorf("body of %d bytes", len(body))
	}
	for _, key := range []string{"k\uFFFD", "cycle", "list", "group", "huge", "bytes", "error", "endless", "panics", "nan", "struct", "wrapped", "nil"} {
		switch value := s.Attributes[key].(type) {
		case nil:
			t.Errorf("no %q", key)
		case string:
			if !utf8.ValidString(value) || len(value) > wire.MaxText {
				t.Errorf("%q has %d bytes", key, len(value))
			}
		}
	}
	if s.Attributes["wrapped"] != "in: \uFFFD" {
		t.Errorf("%q", s.Attributes["wrapped"])
	}
}

func TestValues(t *testing.T) {
	s := recorded(t, record("m", "s", "text", "i", 1, "u", uint64(math.MaxUint64), "f", 1.5, "d", time.Second, "b", true, slog.Group("g", "x", 1), slog.Group("", "inline", 2),
		"any", struct{ A int }{3}, "p", &struct{ B []int }{[]int{4}}), export.With{Attrs: []slog.Attr{slog.Int("with", 5)}}, export.With{Group: "open"})
	want := "map[open:map[any:{A:3} b:true d:1000000000 f:1.5 g:map[x:1] i:1 inline:2 p:&{B:[4]} s:text u:18446744073709551615] with:5]"
	if got := fmt.Sprint(s.Attributes); got != want || s.Severity != "WARN" {
		t.Errorf("%s\nwant %s", got, want)
	}
}
