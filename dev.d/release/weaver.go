package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// platforms are those that a release may have a weaver for; rules/private/prebuilt.bzl has their constraints.
var platforms = []string{"darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64", "windows_amd64"}

// weaverName is the name of a platform's weaver among the files of a release.
func weaverName(platform string) string {
	name := "goweave-" + platform
	if strings.HasPrefix(platform, "windows") {
		name += ".exe"
	}
	return name
}

// platformOf is the platform of a target of rustc, as x86_64-unknown-linux-gnu; "" if there are no weavers for it.
func platformOf(target string) string {
	cpu := map[string]string{"x86_64": "amd64", "aarch64": "arm64"}[strings.SplitN(target, "-", 2)[0]]
	for _, system := range []string{"linux", "darwin", "windows"} {
		if platform := system + "_" + cpu; strings.Contains(target, "-"+system) && slices.Contains(platforms, platform) {
			return platform
		}
	}
	return ""
}

// buildWeaver builds the weaver of this machine into a directory, as rules/private/tool.bzl does: the bytes are the same. It returns the
// file's path.
func buildWeaver(root, dir string) (string, error) {
	said, err := output("rustc", "-vV")
	if err != nil {
		return "", err
	}
	target := ""
	for _, line := range strings.Split(said, "\n") {
		if host, is := strings.CutPrefix(line, "host: "); is {
			target = strings.TrimSpace(host)
		}
	}
	platform := platformOf(target)
	if platform == "" {
		return "", fmt.Errorf("a release has no weaver for this machine, %s, but for %s", target, strings.Join(platforms, ", "))
	}
	home := os.Getenv("CARGO_HOME")
	if home == "" {
		user, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		home = user + "/.cargo"
	}
	flags := []string{"--remap-path-prefix=" + root + "=/goweave", "--remap-path-prefix=" + home + "=/cargo"}
	if strings.HasSuffix(target, "-linux-gnu") {
		flags = append(flags, "-Ctarget-feature=+crt-static")
	}
	targetDir := os.Getenv("GOWEAVE_TARGET_DIR")
	if targetDir == "" {
		targetDir = filepath.Join(root, "target", "weaver")
	}
	cmd := exec.Command("cargo", "build", "--release", "--locked", "--quiet", "--package=goweave", "--no-default-features",
		"--target="+target, "--target-dir="+targetDir, "--manifest-path="+filepath.Join(root, "Cargo.toml"))
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "CARGO_ENCODED_RUSTFLAGS="+strings.Join(flags, "\x1f"))
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("building goweave with cargo: %w", err)
	}
	program := "goweave"
	if strings.HasPrefix(platform, "windows") {
		program += ".exe"
	}
	data, err := os.ReadFile(filepath.Join(targetDir, target, "release", program))
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	file := filepath.Join(dir, weaverName(platform))
	return file, os.WriteFile(file, data, 0o755)
}

// weavers puts the weavers into a directory and returns the SHA-256 of each, in hexadecimal, by platform.
func (r release) weavers(dir string) (map[string]string, error) {
	if r.binaries == "" {
		if _, err := buildWeaver(r.root, dir); err != nil {
			return nil, err
		}
	} else if err := r.given(dir); err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for _, platform := range platforms {
		sum, err := digest(filepath.Join(dir, weaverName(platform)))
		if err == nil {
			sums[platform] = sum
		} else if !os.IsNotExist(err) {
			return nil, err
		}
	}
	return sums, nil
}

// given copies the weavers that were built elsewhere; CI keeps each in a directory of its own.
func (r release) given(dir string) error {
	found := 0
	err := filepath.WalkDir(r.binaries, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !slices.ContainsFunc(platforms, func(platform string) bool { return weaverName(platform) == d.Name() }) {
			return fmt.Errorf("%s is the weaver of no platform; they are named as %s", path, weaverName(platforms[0]))
		}
		to := filepath.Join(dir, d.Name())
		if _, err := os.Lstat(to); err == nil {
			return fmt.Errorf("%s is there twice", d.Name())
		}
		found++
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, data, 0o755)
	})
	if err == nil && found == 0 {
		err = fmt.Errorf("no weaver is in %s", r.binaries)
	}
	return err
}

func digest(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}
