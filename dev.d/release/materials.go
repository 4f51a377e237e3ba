package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
	"github.com/CycloneDX/cyclonedx-go"
)

// materials writes the bill of materials, in CycloneDX 1.6: the weavers, the crates that they are built from, and the Go modules that hooks
// need. Of a Go module the build takes the version that its user's go.mod resolves; listed is the lowest.
func (r release) materials(dir string, weavers map[string]string) error {
	crates, err := r.crates()
	if err != nil {
		return err
	}
	modules, err := r.modules()
	if err != nil {
		return err
	}
	var components []cyclonedx.Component
	for _, platform := range platforms {
		if sum := weavers[platform]; sum != "" {
			components = append(components, cyclonedx.Component{
				BOMRef: weaverName(platform), Type: cyclonedx.ComponentTypeApplication, Name: weaverName(platform), Version: r.version,
				Hashes: &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: sum}},
			})
		}
	}
	components = append(append(components, crates...), modules...)
	seconds, err := output("git", "-C", r.root, "log", "-1", "--format=%ct", "v"+r.version)
	if err != nil {
		return err
	}
	var at int64
	if _, err := fmt.Sscan(seconds, &at); err != nil {
		return err
	}
	bom := cyclonedx.NewBOM()
	bom.Metadata = &cyclonedx.Metadata{
		Timestamp: time.Unix(at, 0).UTC().Format(time.RFC3339),
		Component: &cyclonedx.Component{
			BOMRef: "rules_go_weave", Type: cyclonedx.ComponentTypeApplication, Name: "rules_go_weave", Version: r.version,
			Licenses: &cyclonedx.Licenses{{License: &cyclonedx.License{ID: "Apache-2.0"}}},
		},
	}
	bom.Components = &components
	var out bytes.Buffer
	encoder := cyclonedx.NewBOMEncoder(&out, cyclonedx.BOMFileFormatJSON).SetPretty(true)
	if err := encoder.EncodeVersion(bom, cyclonedx.SpecVersion1_6); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "sbom.cdx.json"), out.Bytes(), 0o644)
}

// crates are those that the weaver of any platform is linked with, or built by.
func (r release) crates() ([]cyclonedx.Component, error) {
	text, err := os.ReadFile(filepath.Join(r.root, "Cargo.lock"))
	if err != nil {
		return nil, err
	}
	var lock struct {
		Package []struct{ Name, Version, Checksum string }
	}
	if err := toml.Unmarshal(text, &lock); err != nil {
		return nil, fmt.Errorf("Cargo.lock: %w", err)
	}
	sums := map[string]string{}
	for _, crate := range lock.Package {
		sums[crate.Name+" "+crate.Version] = crate.Checksum
	}
	tree, err := output("cargo", "tree", "--locked", "--manifest-path="+filepath.Join(r.root, "Cargo.toml"), "--package=goweave", "--no-default-features",
		"--edges=normal,build", "--target=all", "--prefix=none", "--no-dedupe", "--format={p}\t{l}")
	if err != nil {
		return nil, err
	}
	lines := strings.Split(tree, "\n")
	slices.Sort(lines)
	var all []cyclonedx.Component
	for _, line := range slices.Compact(lines) {
		crate, license, _ := strings.Cut(line, "\t")
		words := strings.Fields(crate)
		if len(words) < 2 || len(words) > 2 && strings.HasPrefix(words[2], "(/") {
			continue // of this repository
		}
		name, version := words[0], strings.TrimPrefix(words[1], "v")
		purl := "pkg:cargo/" + name + "@" + version
		component := cyclonedx.Component{BOMRef: purl, Type: cyclonedx.ComponentTypeLibrary, Name: name, Version: version, PackageURL: purl}
		if sum := sums[name+" "+version]; sum != "" {
			component.Hashes = &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: sum}}
		} else {
			return nil, fmt.Errorf("Cargo.lock has no checksum of %s %s", name, version)
		}
		if license != "" {
			component.Licenses = &cyclonedx.Licenses{{Expression: strings.ReplaceAll(license, "/", " OR ")}}
		}
		all = append(all, component)
	}
	return all, nil
}

// modules are those that a package of ours, which is woven into programs, needs.
func (r release) modules() ([]cyclonedx.Component, error) {
	ours, err := output("go", "list", "-C", r.root, "./runtime/...", "./instrumentation/...")
	if err != nil {
		return nil, err
	}
	// What makes and tests the catalogue is woven into nothing.
	hooks := slices.DeleteFunc(strings.Fields(ours), func(path string) bool { return strings.Contains(path, "/instrumentation/internal/") })
	list, err := output("go", append([]string{"list", "-C", r.root, "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}"}, hooks...)...)
	if err != nil {
		return nil, err
	}
	lines := strings.Split(list, "\n")
	slices.Sort(lines)
	var all []cyclonedx.Component
	for _, line := range slices.Compact(lines) {
		path, version, ok := strings.Cut(line, " ")
		if !ok {
			continue
		}
		purl := "pkg:golang/" + path + "@" + version
		all = append(all, cyclonedx.Component{BOMRef: purl, Type: cyclonedx.ComponentTypeLibrary, Name: path, Version: version, PackageURL: purl})
	}
	return all, nil
}
