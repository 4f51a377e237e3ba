package weavetest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

func init() {
	const worked = "work (server)\n  GET (client)\n"
	catalogue["aws_lambda"] = library{server: lambda, programs: []use{
		// The batch would be sent much later.
		{name: "all", env: []string{"OTEL_BSP_SCHEDULE_DELAY=3600000", "OTEL_METRIC_EXPORT_INTERVAL=3600000"}, tree: worked + worked + "work (server) error errorString\n", check: lambdaInvocations,
			// Counts are cumulative: those of the three answers are 1, 2 and 3.
			metrics: map[string]uint64{"faas.invoke_duration": 6, "faas.errors": 0, "faas.coldstarts": 0}},
		{name: "all", env: []string{"OTEL_INSTRUMENTATION_AWS_LAMBDA_ENABLED=false", "OTEL_INSTRUMENTATION_NET_HTTP_ENABLED=false"}},
	}}
}

// lambdaInvocations checks what invocations tell, and that the second one is below its caller.
func lambdaInvocations(t *testing.T, spans []Span) {
	n := 0
	for _, s := range spans {
		if s.Name != "work" {
			continue
		}
		if s.Attribute("faas.invocation_id") != fmt.Sprint("request", n) || s.Attribute("cloud.resource_id") != "arn:aws:lambda:eu-north-1:123456789012:function:work" ||
			s.Attribute("cloud.account.id") != "123456789012" || s.Attribute("faas.coldstart") != fmt.Sprint(n == 0) {
			t.Errorf("it is not known which invocation %s is", s)
		}
		if (n == 1) != (s.Parent == "0123456789abcdef") {
			t.Errorf("%s is below %q", s, s.Parent)
		}
		n++
	}
	if n != 3 {
		t.Errorf("%d invocations", n)
	}
}

// lambda is what a function has its invocations from, at AWS_LAMBDA_RUNTIME_API, for one process after the other, and another server, at
// LAMBDA_OTHER.
var lambda = once(func(_ *testing.T, _ string) ([]string, func()) {
	events := []string{"work", "work", "fail", "end"}
	var mu sync.Mutex
	n := 0
	runtime := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/next") {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		mu.Lock()
		i := n % len(events)
		n++
		mu.Unlock()
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", fmt.Sprint("request", i))
		w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(time.Now().Add(time.Hour).UnixMilli()))
		w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-north-1:123456789012:function:work:7")
		if i == 1 {
			w.Header().Set("Lambda-Runtime-Client-Context", `{"custom":{"traceparent":"00-0123456789abcdef0123456789abcdef-0123456789abcdef-01"}}`)
		}
		fmt.Fprintf(w, `{"Do":%q}`, events[i])
	}))
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	return []string{"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(runtime.URL, "http://"), "LAMBDA_OTHER=" + other.URL}, func() {
		runtime.Close()
		other.Close()
	}
})
