// Command release makes a release of rules_go_weave from a clean checkout of its tag: the weaver for each platform, the source archive that
// names their digests, what a Bazel registry wants, checksums, a bill of materials and the notes.
//
//	release binary DIR                       build the weaver of this machine, as DIR/goweave-PLATFORM
//	release VERSION [--out DIR] [--binaries DIR] [--url TEMPLATE]
//
// Files have the same bytes wherever and whenever they are made, if the weavers have: times are those of the tag's commit.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

const usage = `usage: ./dev release VERSION [--out DIR] [--binaries DIR] [--url TEMPLATE]
       ./dev release binary DIR`

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "release: %v\n", err)
		os.Exit(1)
	}
}

var semver = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?$`)

func run(args []string) error {
	// Of the checkout whose ./dev is run.
	root := os.Getenv("REPO")
	if len(args) == 2 && args[0] == "binary" {
		file, err := buildWeaver(root, args[1])
		if err == nil {
			fmt.Println(file)
		}
		return err
	}
	if len(args) == 0 || !semver.MatchString(args[0]) {
		return fmt.Errorf("no version MAJOR.MINOR.PATCH is given\n%s", usage)
	}
	r := release{root: root, version: args[0]}
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.StringVar(&r.out, "out", filepath.Join(root, "dist", r.version), "directory to write, which is not there yet")
	flags.StringVar(&r.binaries, "binaries", "", "directory with weavers that other machines built by `release binary`; without it there is that of this machine alone")
	flags.StringVar(&r.url, "url", "https://github.com/rules-go-weave/rules_go_weave/releases/download/v{version}/{file}", "where the files will be")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is one argument too many\n%s", flags.Arg(0), usage)
	}
	return r.make()
}

// release is what is to be made.
type release struct {
	root, version, out, binaries string
	url                          string // of a file, with {version} and {file}
}

// archive is the name of the source archive, and prefix the directory in it.
func (r release) archive() string { return "rules_go_weave-v" + r.version + ".tar.gz" }
func (r release) prefix() string  { return "rules_go_weave-" + r.version }

func (r release) at(file string) string {
	return strings.NewReplacer("{version}", r.version, "{file}", file).Replace(r.url)
}

// make writes all files into a directory beside the one asked for, which it then gets the name of: there is the whole release or none.
func (r release) make() (err error) {
	if err := r.check(); err != nil {
		return err
	}
	if _, err := os.Lstat(r.out); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s is there already: remove it, or give another --out", r.out)
	}
	notes, err := r.notes()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(r.out), 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(r.out), "release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	weavers, err := r.weavers(dir)
	if err != nil {
		return err
	}
	module, err := r.source(dir, weavers)
	if err != nil {
		return err
	}
	if err := r.materials(dir, weavers); err != nil {
		return err
	}
	if err := r.registry(dir, module); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.md"), []byte(notes), 0o644); err != nil {
		return err
	}
	if err := checksums(dir); err != nil {
		return err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	if err := os.Rename(dir, r.out); err != nil {
		return err
	}
	for _, platform := range platforms {
		if _, is := weavers[platform]; !is {
			fmt.Fprintf(os.Stderr, "release: no weaver for %s: there it is built from source; give one by --binaries\n", platform)
		}
	}
	fmt.Println(r.out)
	return nil
}

// check returns why the checkout is not the release.
func (r release) check() error {
	tag := "v" + r.version
	if dirty, err := output("git", "-C", r.root, "status", "--porcelain"); err != nil {
		return err
	} else if dirty != "" {
		return fmt.Errorf("the checkout has changes that are not committed:\n%s", dirty)
	}
	tagged, err := output("git", "-C", r.root, "rev-parse", "--verify", "--quiet", tag+"^{commit}")
	if err != nil {
		return fmt.Errorf("there is no tag %s: make it by `git tag %s`", tag, tag)
	}
	if head, err := output("git", "-C", r.root, "rev-parse", "HEAD"); err != nil {
		return err
	} else if head != tagged {
		return fmt.Errorf("the checkout is at %s, and %s at %s: `git checkout %s`", head, tag, tagged, tag)
	}
	return nil
}

// notes returns the part of CHANGELOG.md below the version's heading.
func (r release) notes() (string, error) {
	text, err := os.ReadFile(filepath.Join(r.root, "CHANGELOG.md"))
	if err != nil {
		return "", err
	}
	_, rest, found := strings.Cut("\n"+string(text), "\n## "+r.version+"\n")
	if !found {
		return "", fmt.Errorf("CHANGELOG.md has no heading `## %s`: what is below `## Unreleased` becomes its part", r.version)
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	return strings.TrimSpace(rest) + "\n", nil
}

// output returns what a command prints.
func output(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, errs.String())
	}
	return strings.TrimSpace(string(out)), nil
}
