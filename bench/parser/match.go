package main

import (
	"bufio"
	"fmt"
	"go/build"
	"io"
	"path/filepath"
	"strings"
)

// match answers requests "m GOOS GOARCH TAGS PATH\n" with whether go/build would build the file, as the STATUS: ok or
// reject. TAGS are separated by commas; cgo is one of them.
func match(in *bufio.Reader, out *bufio.Writer) error {
	for {
		line, err := in.ReadString('\n')
		if err == io.EOF && line == "" {
			return nil
		}
		if err != nil {
			return err
		}
		words := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 5)
		if len(words) != 5 {
			return fmt.Errorf("malformed request %q", line)
		}
		context := build.Default
		context.GOOS, context.GOARCH = words[1], words[2]
		context.BuildTags = strings.Split(words[3], ",")
		context.ToolTags = nil
		context.CgoEnabled = false
		for _, tag := range context.BuildTags {
			context.CgoEnabled = context.CgoEnabled || tag == "cgo"
		}
		dir, name := filepath.Split(words[4])
		status, text := "reject", ""
		if matches, err := context.MatchFile(dir, name); err != nil {
			text = err.Error()
		} else if matches {
			status = "ok"
		}
		fmt.Fprintf(out, "%s %d\n%s", status, len(text), text)
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
}
