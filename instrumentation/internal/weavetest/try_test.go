package weavetest

import ("testing";"os";"os/exec";"path/filepath")

func TestTry(t *testing.T) {
	os.MkdirAll("/tmp/wt", 0o777)
	w, err := New("/tmp/wt", os.Getenv("TRY"))
	if err != nil { t.Fatal(err) }
	o, err := w.Overlay()
	if err != nil { t.Fatal(err) }
	dir := filepath.Join(Root(), "instrumentation/internal/weavetest/testdata/shop")
	if err := w.Build(dir, "/tmp/wt/shop", o); err != nil { t.Fatal(err) }
	c := exec.Command("/tmp/wt/shop"); c.Env = append(os.Environ(), "OTEL_TRACES_EXPORTER=console")
	b, err := c.CombinedOutput()
	t.Log(string(b), err)
}
