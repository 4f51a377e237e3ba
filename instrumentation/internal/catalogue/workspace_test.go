package main

import (
	"slices"
	"testing"
)

func TestCompareVersions(t *testing.T) {
	want := []string{"v0.0.0-20200101000000-aaaaaaaaaaaa", "v0.0.0-20260817212433-ac3dfec99bb1", "v0.9.0", "v0.10.0", "v1.0.0-alpha", "v1.0.0-rc.2",
		"v1.0.0-rc.10", "v1.0.0", "v1.0.1-0.20200101000000-aaaaaaaaaaaa", "v1.0.1", "v2.0.0+incompatible", "v10.0.0"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, compareVersions)
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestBazelNames(t *testing.T) {
	for module, want := range map[string]string{
		"google.golang.org/grpc":       "org_golang_google_grpc",
		"github.com/redis/go-redis/v9": "com_github_redis_go_redis_v9",
		"github.com/IBM/sarama":        "com_github_ibm_sarama",
		"gopkg.in/yaml.v3":             "in_gopkg_yaml_v3",
		"go.uber.org/zap":              "org_uber_go_zap",
		"connectrpc.com/connect":       "com_connectrpc_connect",
	} {
		if got := repository(module); got != want {
			t.Errorf("%s is @%s, and not @%s", module, got, want)
		}
	}
	for path, want := range map[string]string{
		"google.golang.org/grpc":         "grpc",
		"github.com/redis/go-redis/v9":   "go-redis",
		"gopkg.in/yaml.v3":               "yaml_v3",
		"github.com/jackc/pgx/v5/stdlib": "stdlib",
	} {
		if got := library(path); got != want {
			t.Errorf("%s is :%s, and not :%s", path, got, want)
		}
	}
}
