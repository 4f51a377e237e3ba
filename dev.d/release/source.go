package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// table is the file of the source archive that names the weavers; in a checkout it names none.
const table = "rules/private/release.bzl"

// source writes the source archive: the files of the tag, but for the table of weavers and the version in MODULE.bazel, which it returns.
func (r release) source(dir string, weavers map[string]string) (module []byte, err error) {
	var tree bytes.Buffer
	cmd := exec.Command("git", "-C", r.root, "archive", "--format=tar", "--prefix="+r.prefix()+"/", "v"+r.version)
	cmd.Stdout, cmd.Stderr = &tree, os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("git archive: %w", err)
	}
	var packed bytes.Buffer
	compressed, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	to := tar.NewWriter(compressed)
	replaced := 0
	for from := tar.NewReader(&tree); ; {
		header, err := from.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if header.Typeflag == tar.TypeXGlobalHeader {
			continue
		}
		content, err := io.ReadAll(from)
		if err != nil {
			return nil, err
		}
		switch strings.TrimPrefix(header.Name, r.prefix()+"/") {
		case table:
			replaced++
			content = r.table(weavers)
		case "MODULE.bazel":
			replaced++
			content = bytes.Replace(content, []byte(`module(name = "rules_go_weave")`), fmt.Appendf(nil, "module(\n    name = \"rules_go_weave\",\n    version = %q,\n)", r.version), 1)
			module = content
		}
		mode := int64(0o644)
		if header.FileInfo().Mode()&0o111 != 0 {
			mode = 0o755
		}
		plain := &tar.Header{Typeflag: header.Typeflag, Name: header.Name, Linkname: header.Linkname, Mode: mode, ModTime: header.ModTime, Size: int64(len(content)), Format: tar.FormatPAX}
		if err := to.WriteHeader(plain); err != nil {
			return nil, err
		}
		if _, err := to.Write(content); err != nil {
			return nil, err
		}
	}
	if replaced != 2 || !bytes.Contains(module, []byte("version = \""+r.version+"\"")) {
		return nil, fmt.Errorf("MODULE.bazel or %s is not what the release replaces", table)
	}
	if err := errors.Join(to.Close(), compressed.Close()); err != nil {
		return nil, err
	}
	return module, os.WriteFile(filepath.Join(dir, r.archive()), packed.Bytes(), 0o644)
}

// table returns the Starlark that names the weavers.
func (r release) table(weavers map[string]string) []byte {
	text := fmt.Appendf(nil, `"""The weavers of this release, as ./dev release has written them."""

visibility(["//rules/..."])

VERSION = %q

URL = %q

# SHA-256 of the weaver of each platform.
BINARIES = {
`, r.version, r.url)
	for _, platform := range platforms {
		if sum := weavers[platform]; sum != "" {
			text = fmt.Appendf(text, "    %q: %q,\n", platform, sum)
		}
	}
	return append(text, "}\n"...)
}

// registry writes what a registry has of a version of a module: source.json and MODULE.bazel.
func (r release) registry(dir string, module []byte) error {
	data, err := os.ReadFile(filepath.Join(dir, r.archive()))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(data)
	// A URL is not escaped as it would be in HTML.
	var source bytes.Buffer
	encoder := json.NewEncoder(&source)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "    ")
	if err := encoder.Encode(struct {
		URL         string `json:"url"`
		Integrity   string `json:"integrity"`
		StripPrefix string `json:"strip_prefix"`
	}{r.at(r.archive()), "sha256-" + base64.StdEncoding.EncodeToString(sum[:]), r.prefix()}); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "source.json"), source.Bytes(), 0o644),
		os.WriteFile(filepath.Join(dir, "MODULE.bazel"), module, 0o644),
	)
}

// checksums writes SHA256SUMS, of all that is in a directory.
func checksums(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var lines []string
	for _, entry := range entries {
		sum, err := digest(filepath.Join(dir, entry.Name()))
		if err != nil {
			return err
		}
		lines = append(lines, sum+"  "+entry.Name()+"\n")
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[64:], b[64:]) })
	return os.WriteFile(filepath.Join(dir, "SHA256SUMS"), []byte(strings.Join(lines, "")), 0o644)
}
