module github.com/rules-go-weave/rules_go_weave/dev.d/release

go 1.25

require (
	github.com/BurntSushi/toml v1.6.0
	github.com/CycloneDX/cyclonedx-go v0.12.0
)
