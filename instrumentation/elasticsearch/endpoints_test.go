package elasticsearch

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// TestEndpoint checks what requests are called, and that what a program makes up is not a name.
func TestEndpoint(t *testing.T) {
	for _, c := range []struct {
		method, path, name string
		parts              []string
	}{
		{"GET", "/", "info", nil},
		{"GET", "", "info", nil},
		{"", "/orders/_search", "search", []string{"index", "orders"}},
		{"POST", "/_search", "search", nil},
		{"PUT", "/orders/_doc/_odd", "index", []string{"index", "orders", "id", "_odd"}},
		{"GET", "/orders,users/_doc/1/", "get", []string{"index", "orders,users", "id", "1"}},
		{"PUT", "/orders", "indices.create", []string{"index", "orders"}},
		{"GET", "/_all/_settings", "indices.get_settings", []string{"index", "_all"}},
		{"GET", "/_cluster/health/orders", "cluster.health", []string{"index", "orders"}},
		{"POST", "/_ml/anomaly_detectors/secret/_open", "POST _ml", nil},
		{"POST", "/_1/secret", "", nil},
		{"GET", "/orders/user/1", "", nil},
		{"PATCH", "/orders", "", nil},
		{"GET", "/orders//1", "", nil},
	} {
		if name, parts := endpoint(c.method, c.path); name != c.name || !reflect.DeepEqual(parts, c.parts) {
			t.Errorf("%s %s is %q %q", c.method, c.path, name, parts)
		}
	}
	names := map[string]bool{}
	for i := range 1000 {
		for _, path := range []string{"/i%d/_doc/_%d", "/%d/%d", "/_%d/%d", "/_doc%d/_search/%d", "/\xff%d/_a%d_\xff"} {
			name, _ := endpoint("GET", fmt.Sprintf(path, i, i))
			names[name] = true
		}
	}
	if len(names) > 3 {
		t.Errorf("%d names", len(names))
	}
	if name, _ := endpoint("GET", "/"+strings.Repeat("x", 1<<20)); name != "" {
		t.Errorf("%.20q", name)
	}
}
