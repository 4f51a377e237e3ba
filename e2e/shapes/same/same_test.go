package same

import "testing"

func TestFiles(t *testing.T) {
	if outer() != "same/file.go" || inner() != "same/sub/file.go" || innermost() != "same/sub/same_test.go" {
		t.Error(outer(), inner(), innermost())
	}
}
