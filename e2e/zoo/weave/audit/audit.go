// Package audit is what woven code imports: no package of the repository does.
package audit

import "os"

// Hash says on stderr what was hashed.
func Hash(book string, hash uint64) uint64 {
	os.Stderr.WriteString("hash of " + book + "\n")
	return hash
}
