package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// service is a variant's program that runs, and the agent beside it.
type service struct {
	cmd, agent      *exec.Cmd
	target, counter string        // addresses
	begun           time.Duration // until it listened
}

// start starts a program with these variables, and an agent, if there is one: a command line.
func start(program, agent string, env []string) (*service, error) {
	s := new(service)
	if agent != "" {
		words := strings.Fields(agent)
		s.agent = exec.Command(words[0], words[1:]...)
		s.agent.Env = append(append(os.Environ(), env...), "OTEL_GO_AUTO_TARGET_EXE="+program)
		s.agent.Stderr = os.Stderr
		if err := s.agent.Start(); err != nil {
			return nil, err
		}
	}
	s.cmd = exec.Command(program)
	s.cmd.Env = append(os.Environ(), env...)
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("%s does not say where it listens: %w", program, err)
	}
	s.begun = time.Since(begun)
	go io.Copy(io.Discard, out)
	s.target, s.counter, _ = strings.Cut(strings.TrimSpace(line), " ")
	return s, nil
}

// stop asks the program to end, and waits for it.
func (s *service) stop() error {
	s.cmd.Process.Signal(syscall.SIGTERM)
	err := s.cmd.Wait()
	if s.agent != nil {
		s.agent.Process.Signal(syscall.SIGTERM)
		s.agent.Wait()
	}
	return err
}

// cpu is the CPU time of the program, and of its agent, so far.
func (s *service) cpu() (time.Duration, error) {
	used, err := cpuOf(s.cmd.Process.Pid)
	if err != nil || s.agent == nil {
		return used, err
	}
	more, err := cpuOf(s.agent.Process.Pid)
	return used + more, err
}

// cpuOf is the CPU time of a process: fields 14 and 15 of its stat, in hundredths of a second (proc(5)).
func cpuOf(pid int) (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	var ticks int
	for _, field := range fields[11:13] {
		n, err := strconv.Atoi(string(field))
		if err != nil {
			return 0, err
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond, nil
}

// allocated is how many objects the program has allocated.
func (s *service) allocated() (n float64, err error) {
	conn, err := net.Dial("tcp", s.counter)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	_, err = fmt.Fscan(conn, &n)
	return n, err
}

// resident is the program's resident memory in megabytes.
func (s *service) resident() (float64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	var kilobytes float64
	_, err = fmt.Sscan(rest, &kilobytes)
	return kilobytes / 1024, err
}
