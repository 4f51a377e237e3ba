package env

import (
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/declarative"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
)

// file is the configuration that OTEL_CONFIG_FILE names.
var file struct {
	once     sync.Once
	path     string
	settings *declarative.Settings // nil if there is none
}

// Configuration returns what the file says that OTEL_CONFIG_FILE names; nil if that is not set. A file that cannot be used says that
// nothing is recorded: what was meant by it is not known, and where it would be sent.
func Configuration() *declarative.Settings {
	file.once.Do(func() {
		for _, name := range []string{"OTEL_CONFIG_FILE", "OTEL_EXPERIMENTAL_CONFIG_FILE"} {
			if file.path = strings.TrimSpace(os.Getenv(name)); file.path != "" {
				file.settings = load(name, file.path)
				return
			}
		}
	})
	return file.settings
}

// load reads a configuration, and tells what of it is not used.
func load(variable, path string) *declarative.Settings {
	text, err := content(path)
	if err == nil {
		var s *declarative.Settings
		s, err = declarative.Read(text, os.Getenv, func(what string) { warn.Once(path+what, path+":"+what) })
		if err == nil {
			for _, name := range slices.Sorted(maps.Keys(s.Values)) {
				if _, known := Lookup(name); !known || strange(name) {
					warn.Once(name, path+":"+s.Values[name].Key+" is not a setting of woven programs; ignoring it")
				}
			}
			return s
		}
		warn.Once(variable, path+":"+err.Error()+"; nothing is recorded")
	} else {
		warn.Once(variable, variable+" cannot be read: "+err.Error()+"; nothing is recorded")
	}
	return &declarative.Settings{Values: map[string]declarative.Value{"OTEL_SDK_DISABLED": {Text: "true"}}}
}

// content reads a file of a bounded size.
func content(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, longestValue+1))
	if err == nil && len(b) > longestValue {
		err = &os.PathError{Op: "read", Path: path, Err: tooLong{}}
	}
	return string(b), err
}

type tooLong struct{}

func (tooLong) Error() string { return "it is longer than 1 MiB" }

// outside reports whether a variable is read beside a configuration: what only woven programs have, which has a place in it, too.
func outside(name string) bool {
	return strings.HasPrefix(name, "OTEL_GO_WEAVE_") || name == "OTEL_CONFIG_FILE" || name == "OTEL_EXPERIMENTAL_CONFIG_FILE"
}

// get is what the environment, or the configuration, has for a variable.
func get(name string) string {
	of := Configuration()
	if of == nil {
		return os.Getenv(name)
	}
	if v, there := of.Values[name]; there {
		return v.Text
	}
	if outside(name) {
		return os.Getenv(name)
	}
	return ""
}

// key is what messages call a setting of the configuration, with its place; "" for a variable.
func key(name string) string {
	if of := Configuration(); of != nil && of.Values[name].Key != "" {
		return file.path + ":" + of.Values[name].Key
	}
	return ""
}

// Reset forgets the configuration that was read. For tests.
func Reset() {
	file.once, file.settings, file.path = sync.Once{}, nil, ""
	refused = nil
}
