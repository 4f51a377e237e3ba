package public

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	mdLink    = regexp.MustCompile(`\]\(([^) ]+)\)`)
	mdHeading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	mdFence   = regexp.MustCompile("(?ms)^```.*?^```")
	mdCode    = regexp.MustCompile("`[^`\n]*`")
)

// TestLinks follows the relative links of every page to a file, and to a heading if they name one.
func TestLinks(t *testing.T) {
	out, err := exec.Command("git", "-C", root, "ls-files", "*.md").Output()
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Fields(string(out))
	if len(files) < 20 {
		t.Fatalf("control: %d pages", len(files))
	}
	links := 0
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range mdLink.FindAllStringSubmatch(mdCode.ReplaceAllString(mdFence.ReplaceAllString(string(text), ""), ""), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			links++
			if fault := follow(file, m[1]); fault != "" {
				t.Errorf("%s: link %s: %s", file, m[1], fault)
			}
		}
	}
	if links < 100 {
		t.Errorf("control: %d links", links)
	}
	for link, want := range map[string]string{"docs/none.md": "no such file", "README.md#none": "no such heading"} {
		if got := follow("README.md", link); got != want {
			t.Errorf("control: %s: %q", link, got)
		}
	}
}

// follow returns the fault of a link on a page, or "".
func follow(page, link string) string {
	path, heading, _ := strings.Cut(link, "#")
	file := page
	if path != "" {
		file = filepath.Join(filepath.Dir(page), path)
	}
	if _, err := os.Stat(filepath.Join(root, file)); err != nil {
		return "no such file"
	}
	if heading == "" {
		return ""
	}
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		return err.Error()
	}
	for _, m := range mdHeading.FindAllStringSubmatch(mdFence.ReplaceAllString(string(text), ""), -1) {
		if anchor(m[1]) == heading {
			return ""
		}
	}
	return "no such heading"
}

// anchor returns the fragment by which GitHub links to a heading.
func anchor(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z':
			return r
		}
		return -1
	}, strings.ToLower(mdLink.ReplaceAllString(heading, "]")))
}
