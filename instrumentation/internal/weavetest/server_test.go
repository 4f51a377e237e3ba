package weavetest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// running are what the catalogue's tests have started, to be stopped when all have run.
var running struct {
	sync.Mutex
	stop []func()
}

func stopServers() {
	running.Lock()
	defer running.Unlock()
	for _, stop := range running.stop {
		stop()
	}
}

// once has a server started where the first test needs it, in a folder of its own, and kept for all others.
func once(start func(t *testing.T, dir string) (env []string, stop func())) func(t *testing.T) []string {
	var mu sync.Mutex
	var env []string
	return func(t *testing.T) []string {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if env != nil {
			return env
		}
		dir, err := os.MkdirTemp("", "server-")
		if err != nil {
			t.Fatal(err)
		}
		var stop func()
		defer func() {
			running.Lock()
			defer running.Unlock()
			running.stop = append(running.stop, func() {
				if stop != nil {
					stop()
				}
				os.RemoveAll(dir)
			})
		}()
		os.Chmod(dir, 0o755) // some servers run as another user
		env, stop = start(t, dir)
		return env
	}
}

// postgres is a PostgreSQL; DATABASE is its URL.
var postgres = once(func(t *testing.T, dir string) ([]string, func()) {
	script := filepath.Join(Root(), "dev.d/postgres.sh")
	if out, err := exec.Command(script, "install").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	data := filepath.Join(dir, "postgres")
	url, err := output(exec.Command(script, "start", data))
	if err != nil {
		t.Fatal(err)
	}
	return []string{"DATABASE=" + strings.TrimSpace(url)}, func() { exec.Command(script, "stop", data).Run() }
})

// serve starts a program of a Debian package as a server on a free port of the loopback interface, in dir, and waits until it takes
// connections. It is killed by stop.
func serve(t *testing.T, dir, pkg, program string, arguments func(port string) []string) (port string, stop func()) {
	t.Helper()
	words, err := output(exec.Command(filepath.Join(Root(), "dev.d/server.sh"), pkg, program))
	if err != nil {
		t.Fatal(err)
	}
	return serveProgram(t, dir, strings.Fields(words), arguments)
}

// serveProgram is serve for a program that is there, by the words that run it.
func serveProgram(t *testing.T, dir string, words []string, arguments func(port string) []string) (port string, stop func()) {
	t.Helper()
	program := filepath.Base(words[len(words)-1])
	// Another program may take the free port first.
	for attempt := 0; ; attempt++ {
		port := freePort(t)
		log, err := os.Create(filepath.Join(dir, program+"."+port+".log"))
		if err != nil {
			t.Fatal(err)
		}
		line := append(slices.Clone(words), arguments(port)...)
		cmd := exec.Command(line[0], line[1:]...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		err = cmd.Start()
		log.Close()
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan struct{})
		go func() { cmd.Wait(); close(ended) }()
		stop := func() { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL); <-ended }
		for range 600 {
			select {
			case <-ended:
			case <-time.After(50 * time.Millisecond):
				if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
					c.Close()
					return port, stop
				}
				continue
			}
			break
		}
		stop()
		if attempt == 4 {
			said, _ := os.ReadFile(log.Name())
			t.Fatalf("%s does not start\n%s", program, said)
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
