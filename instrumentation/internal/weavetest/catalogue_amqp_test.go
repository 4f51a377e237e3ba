package weavetest

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func init() {
	catalogue["amqp"] = library{server: rabbitmq, programs: []use{
		{name: "all", check: oneAfterTheOther, metrics: map[string]uint64{"messaging.client.operation.duration": 28, "messaging.process.duration": 16,
			"messaging.client.sent.messages": 0, "messaging.client.consumed.messages": 0}, tree: `` +
			strings.Repeat("publish orders (producer)\n  process orders (consumer)\n"+worked(2)+"    publish shipped (producer)\n      process shipped (consumer)\n"+
				worked(4)+"        ack (client)\n    ack (client)\n", 4) +
			worked(0) +
			"publish shipped (producer)\n  process shipped (consumer)\n    nack (client)\n  process shipped (consumer)\n    reject (client)\n" +
			worked(0) +
			"publish events:made.toys (producer)\n  process events:made.toys (consumer)\n" + worked(2) + worked(0) +
			strings.Repeat("publish odd (producer)\n  process odd (consumer)\n"+worked(2), 3) +
			"publish odd (producer) error *errors.errorString\n" +
			"publish asked (producer)\npublish asked (producer)\n  process asked (consumer)\n    publish odd (producer) error *amqp091.Error\n" +
			"    publish last (producer)\n      process last (consumer)\n" + worked(4) +
			"GET (client)\n  GET /next (server)\n    receive asked (client) after publish asked\n" + worked(2)},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_AMQP_ENABLED=false"},
			tree: strings.Repeat(worked(0), 15) + "GET (client)\n  GET /next (server)\n" + worked(2) + worked(0)},
	}}
}

// rabbitmq is a RabbitMQ; RABBITMQ is its URL.
var rabbitmq = once(func(t *testing.T, dir string) ([]string, func()) {
	words, err := output(exec.Command(filepath.Join(Root(), "dev.d/server.sh"), "rabbitmq-server", "/usr/lib/rabbitmq/bin/rabbitmq-server"))
	if err != nil {
		t.Fatal(err)
	}
	port, names := freePort(t), freePort(t)
	log, err := os.Create(filepath.Join(dir, "rabbitmq.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	line := strings.Fields(words)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.Env = append(os.Environ(), "HOME="+dir, "RABBITMQ_NODENAME=weavetest"+port+"@localhost", "RABBITMQ_NODE_IP_ADDRESS=127.0.0.1", "RABBITMQ_NODE_PORT="+port,
		"RABBITMQ_DIST_PORT="+freePort(t), "ERL_EPMD_PORT="+names, "ERL_EPMD_ADDRESS=127.0.0.1", "RABBITMQ_MNESIA_BASE="+filepath.Join(dir, "mnesia"),
		"RABBITMQ_LOG_BASE="+filepath.Join(dir, "log"), "RABBITMQ_ENABLED_PLUGINS_FILE="+filepath.Join(dir, "plugins"),
		"RABBITMQ_CONFIG_FILE="+filepath.Join(dir, "none"), "RABBITMQ_ADVANCED_CONFIG_FILE="+filepath.Join(dir, "none"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { cmd.Wait(); close(ended) }()
	stop := func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-ended
		// The server of names that it has started is its own, and ends when asked.
		words := append(line[:len(line)-1:len(line)-1], "epmd", "-kill")
		kill := exec.Command(words[0], words[1:]...)
		kill.Env = cmd.Env
		kill.Run()
	}
	for deadline := time.Now().Add(5 * time.Minute); time.Now().Before(deadline); {
		select {
		case <-ended:
			deadline = time.Time{}
		case <-time.After(100 * time.Millisecond):
			if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
				c.Close()
				return []string{"RABBITMQ=amqp://guest:guest@127.0.0.1:" + port}, stop
			}
		}
	}
	stop()
	said, _ := os.ReadFile(log.Name())
	t.Fatalf("RabbitMQ does not start\n%s", said)
	return nil, nil
})

// TestStreadway runs a program that uses the package that amqp091-go was made of, which sends messages on with the headers that they came with.
func TestStreadway(t *testing.T) {
	goweave, err := Find(Root())
	if err != nil {
		t.Fatal(err)
	}
	build := buildsIn(t, filepath.Join(Root(), "instrumentation/internal/weavetest/testdata/streadway"))
	env := rabbitmq(t)
	c := NewCollector()
	defer c.Close()
	want, got := run(t, build("plain", "go", "build"), "", env...), run(t, build("woven", goweave, "go", "build"), "", append(env, "OTEL_EXPORTER_OTLP_ENDPOINT="+c.URL)...)
	if want.normal() != got.normal() || want.code != 0 {
		t.Errorf("plain: %+v\nwoven: %+v", want, got)
	}
	order := func(settle string) string {
		return "publish orders (producer)\n  process orders (consumer)\n    publish shipped (producer)\n      process shipped (consumer)\n        " +
			settle + " (client)\n    ack (client)\n"
	}
	if got, want := Tree(c.Take()), order("nack")+order("reject")+"publish orders (producer) error *amqp.Error\n"; got != want {
		t.Errorf("tree\n%swant\n%s", got, want)
	}
}
