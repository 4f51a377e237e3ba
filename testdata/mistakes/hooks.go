package hooks

import (
	"io"
	"strings"
)

type Own struct{}

func Get(url string) {}

func GetClient(c any, url string, body io.Reader) func(int, error) { return nil }

func Build(b *strings.Builder) {}

func Typed(o Own) {}

func hidden() {}

func Generic[T any](t T) {}

func Wrong(url string) (int, string) { return 0, "" }

func Nothing() {}
