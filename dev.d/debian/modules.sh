# shellcheck shell=bash
# shellcheck disable=SC2153 # CACHE is of lib.sh
# Bazel modules for Debian's Bazel, without a module registry: rules_go and gazelle from the Go module proxy, and what they name.
#
# Args:         none; sourced by setup.sh. CHROOT and BAZEL_VERSION are known by then.
# Side effects: make_modules downloads 5 MB through the Go module proxy and writes below $CACHE.
# Output:       what it does, on stderr; logs in $CACHE/logs. modules_flags prints lines of a bazelrc.

RULES_GO_VERSION=0.65.0
GAZELLE_VERSION=0.54.0
GAZELLE_V2_VERSION=2.0.0-3
# Where they are; what makes them is in the name.
MODULES=$CACHE/modules-$(cksum <"$REPO/dev.d/debian/modules.sh" | tr -d ' ')

# make_modules: rules_go and gazelle from the Go module proxy, made into Bazel modules again, and the other modules they name.
make_modules() {
  [ ! -d "$MODULES" ] || return 0
  rm -rf "$MODULES.partial"
  mkdir -p "$MODULES.partial"
  step "fetching rules_go $RULES_GO_VERSION and gazelle $GAZELLE_VERSION through the Go module proxy: downloads 5 MB" \
    "$CACHE/logs/modules.log" fetch_modules "$MODULES.partial"
  stub_modules "$MODULES.partial"
  mv "$MODULES.partial" "$MODULES"
}

fetch_modules() {
  set -e
  local cache to=$1 baseline=False
  local rules_go=github.com/bazelbuild/rules_go@v$RULES_GO_VERSION
  local gazelle=github.com/bazelbuild/bazel-gazelle@v$GAZELLE_VERSION
  local gazelle_v2=github.com/bazel-contrib/bazel-gazelle/v2@v$GAZELLE_V2_VERSION
  cd "$to"
  GOFLAGS=-mod=mod go mod download -x "$rules_go" "$gazelle" "$gazelle_v2"
  cache=$(go env GOMODCACHE)
  cp -r "$cache/$rules_go" rules_go
  cp -r "$cache/$gazelle" gazelle
  # A module's zip leaves out the modules nested in it, and mode bits.
  chmod -R u+w .
  cp -r "$cache/$gazelle_v2" gazelle/v2
  chmod -R u+w .
  find . -name '*.sh' -exec chmod +x {} +
  sed -i "0,/version = \"[^\"]*\",/s//version = \"$RULES_GO_VERSION\",/" rules_go/MODULE.bazel
  sed -i "0,/version = \"[^\"]*\",/s//version = \"$GAZELLE_VERSION\",/" gazelle/MODULE.bazel
  # This v2, the newest published, still takes the languages in the form of v1.
  sed -i 's/update\.Run(ctx, langsV2,/update.Run(ctx, languages,/; /^\tlangsV2 := languagesV2()$/d' gazelle/cmd/gazelle/main.go
  (cd gazelle && go run internal/list_repository_tools_srcs.go -dir=. -generate=internal/go_repository_tools_srcs.bzl)
  # Debian's bazel_features predates one answer that rules_go reads, and takes Debian's Bazel for newer than any release.
  cp -r "$CHROOT/usr/share/bazel/tools/features" bazel_features
  chmod -R u+w bazel_features
  at_least "$BAZEL_VERSION" 8.3 && baseline=True
  grep -q has_baseline_coverage_files bazel_features/features.bzl ||
    sed -i "s/^\( *\)instrumented_files_info_has_metadata_files = /\1instrumented_files_info_has_baseline_coverage_files = $baseline,\n&/" \
      bazel_features/features.bzl
  grep -q has_baseline_coverage_files bazel_features/features.bzl
}

# stub_modules DIR: modules that rules_go and gazelle name. package_metadata is a working stand-in;
# a Go build uses nothing of the others.
stub_modules() {
  local name version to=$1
  while read -r name version; do
    mkdir -p "$to/$name"
    printf 'module(name = "%s", version = "%s")\n' "$name" "$version" >"$to/$name/MODULE.bazel"
    : >"$to/$name/BUILD.bazel"
  done <<'STUBS'
apple_support 1.24.3
buildozer 7.1.2
protobuf 29.0
zlib 1.3.1.bcr.5
package_metadata 0.0.5
STUBS
  mkdir -p "$to/package_metadata/providers" "$to/package_metadata/rules"
  : >"$to/package_metadata/providers/BUILD.bazel"
  : >"$to/package_metadata/rules/BUILD.bazel"
  cat >"$to/package_metadata/providers/package_metadata_info.bzl" <<'BZL'
"""The provider by which rules_go reads a package's metadata."""

PackageMetadataInfo = provider(
    doc = "Metadata of the package that a target belongs to.",
    fields = {
        "files": "depset[File]: the files that the metadata names",
        "metadata": "File: the metadata as JSON",
    },
)
BZL
  cat >"$to/package_metadata/rules/package_metadata.bzl" <<'BZL'
"""The rule by which gazelle declares the metadata of a Go module."""

load("//providers:package_metadata_info.bzl", "PackageMetadataInfo")

def _package_metadata_impl(ctx):
    metadata = ctx.actions.declare_file(ctx.label.name + ".package-metadata.json")
    ctx.actions.write(metadata, json.encode({"attributes": {}, "label": str(ctx.label), "purl": ctx.attr.purl}))
    return [
        DefaultInfo(files = depset([metadata])),
        PackageMetadataInfo(files = depset([metadata]), metadata = metadata),
    ]

_package_metadata = rule(
    _package_metadata_impl,
    attrs = {"attributes": attr.label_list(), "purl": attr.string(mandatory = True)},
)

def package_metadata(name, **kwargs):
    """Declares a package's metadata. The repository's default metadata is this very target, so it takes none itself."""
    _package_metadata(name = name, applicable_licenses = [], **kwargs)
BZL
  # An empty registry: a module that is not among the overrides is missing at once, without a wait for the network.
  mkdir -p "$to/registry"
  printf '{}\n' >"$to/registry/bazel_registry.json"
}

# modules_flags: the flags by which Bazel takes them. Overrides serve every version that a workspace may ask for.
modules_flags() {
  local name value
  printf 'startup %s --max_idle_secs=1800\n' "$(rc_word "--output_user_root=$CACHE/bazel")"
  printf 'common %s\n' "$(rc_word "--registry=file://$MODULES/registry")"
  for name in rules_go gazelle bazel_features package_metadata protobuf zlib buildozer apple_support; do
    printf 'common %s\n' "$(rc_word "--override_module=$name=$MODULES/$name")"
  done
  show_in_sandbox "$MODULES"
  printf 'common --override_module=rules_shell=/usr/share/bazel/rules/shell\n'
  # The overrides must not end up in the workspace's lockfile.
  printf 'common --lockfile_mode=off\n'
  printf 'common --noenable_workspace\n'
  printf 'common --repo_env=GO_REPOSITORY_USE_HOST_MODCACHE=1\n'
  for name in GOPROXY GOSUMDB GONOSUMDB GONOPROXY GOPRIVATE GOINSECURE; do
    value=$(go env "$name")
    [ -z "$value" ] || printf 'common --repo_env=%s=%s\n' "$name" "$value"
  done
  # Debian's own file keeps the sandbox directories of every action.
  printf 'build --nosandbox_debug\n'
}
