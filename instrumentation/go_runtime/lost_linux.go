package go_runtime

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// maxDescriptors bounds where lost looks for file descriptors.
const maxDescriptors = 1 << 16

// lost reports whether the program has closed what Go waits for the network by, as those do that close all files which they may have
// inherited. Whoever waits then, for a timer too, ends it: the runtime throws.
func lost() bool {
	if polls == nil {
		return false
	}
	// One for epoll, and one that wakes who waits for that.
	for fd, found := uintptr(3), 0; fd < maxDescriptors && found < 2; fd++ {
		if !polls(fd) {
			continue
		}
		found++
		if _, _, errno := syscall.Syscall(syscall.SYS_FCNTL, fd, syscall.F_GETFD, 0); errno == syscall.EBADF {
			return true
		}
		// Another file may have got the number.
		if is, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(int(fd))); err == nil && !strings.HasPrefix(is, "anon_inode:[event") {
			return true
		}
	}
	return false
}
