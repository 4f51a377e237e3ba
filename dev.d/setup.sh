# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # variables come from lib.sh and go to the env file
# Makes a machine ready: finds a Bazel, a Go and a Rust that will do, or installs them below the cache directory.
#
# Args:         none; sourced by lib.sh's ensure_setup, which then calls setup_machine DIR under a lock.
# Side effects: on the chroot route, apt-get install of mmdebstrap, a Debian tree and Bazel modules below $CACHE;
#               on the other, none but Bazel's own caches. DIR gets env, bazelrc and bazelrc.self.
# Output:       what it does and what it downloads, on stderr; logs in $CACHE/logs.

RULES_GO_VERSION=0.65.0
GAZELLE_VERSION=0.54.0
GAZELLE_V2_VERSION=2.0.0-3
# Debian's release that has a Bazel new enough for rules_go.
DEBIAN_SUITE=forky

setup_machine() {
  local dir=$1
  say "setting up in $CACHE"
  mkdir -p "$CACHE/bin" "$CACHE/logs"
  choose_route
  if [ "$ROUTE" = chroot ]; then
    make_chroot
  fi
  choose_go
  choose_cargo
  write_env "$dir"
  if [ "$ROUTE" = chroot ]; then
    make_modules
  fi
  write_bazelrc "$dir"
}

# choose_route: sets ROUTE, BAZEL and BAZEL_VERSION.
choose_route() {
  case ${RULES_GO_WEAVE_ROUTE:-} in
    path)
      path_bazel || die "no usable bazel or bazelisk on PATH" "unset RULES_GO_WEAVE_ROUTE to let ./dev look for another way"
      ;;
    chroot)
      ROUTE=chroot
      ;;
    '')
      path_bazel || ROUTE=chroot
      ;;
    *)
      die "RULES_GO_WEAVE_ROUTE is '$RULES_GO_WEAVE_ROUTE'" "set it to path or chroot, or leave it unset"
      ;;
  esac
  if [ "$ROUTE" = chroot ]; then
    BAZEL=/usr/bin/bazel
  fi
}

# path_bazel: whether a Bazel on PATH is new enough and reaches its module registry.
path_bazel() {
  local name probe version log=$CACHE/logs/probe-bazel.log
  for name in bazelisk bazel; do
    have "$name" || continue
    probe=$(mktemp -d)
    say "trying $name on PATH ($(command -v "$name")); bazelisk may download a Bazel (60 MB) first"
    version=$(cd "$probe" && timeout 180 "$name" --version 2>"$log" | sed -n 's/^bazel \([0-9][0-9.]*\).*/\1/p') || version=
    if [ -z "$version" ] || ! at_least "$version" "$BAZEL_MINIMUM"; then
      say "  ${version:-no version}: not usable (wanted >= $BAZEL_MINIMUM)"
      rm -rf "$probe"
      continue
    fi
    # The smallest workspace that needs the registry, asked with the user's own Bazel configuration.
    printf 'module(name = "probe")\nbazel_dep(name = "platforms", version = "1.0.0")\n' >"$probe/MODULE.bazel"
    if (cd "$probe" && timeout 120 "$name" --max_idle_secs=5 mod graph >"$log" 2>&1); then
      rm -rf "$probe"
      ROUTE=path BAZEL=$(command -v "$name") BAZEL_VERSION=$version
      say "  Bazel $version; its module registry answers"
      return 0
    fi
    rm -rf "$probe"
    say "  Bazel $version, but it does not reach a module registry (see $log)"
  done
  return 1
}

# debian_mirror: the mirror that apt is set up to use for this Debian release.
debian_mirror() {
  local codename
  codename=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  apt-get --print-uris update | sed -nE "s#^'(.*)/dists/($codename|stable|testing|sid)/(In)?Release'.*#\1#p" | head -n 1
}

make_chroot() {
  local mirror packages proxy options=()
  # Used by Bazel's C++ detection, by rules_go and gazelle, and by Debian's modules that rules_go asks for.
  packages=bazel-bootstrap,bazel-rules-shell,bazel-rules-rust,bazel-lib,ca-certificates,gcc,g++,git,patch,python3,unzip,zip,procps
  if [ ! -e "$CHROOT$CHROOT_MARK" ]; then
    if ! have apt-get || [ "$(. /etc/os-release 2>/dev/null && printf '%s' "${ID:-}")" != debian ]; then
      die "no bazel or bazelisk on PATH that is >= $BAZEL_MINIMUM and reaches a module registry" \
        "install bazelisk; the other way, Debian's Bazel in a chroot, needs Debian and root"
    fi
    [ "$(id -u)" = 0 ] || die "Debian's Bazel runs in a chroot, which needs root" "run ./dev setup as root, or install bazelisk"
    unshare --mount true 2>/dev/null || die "this container may not mount, so it cannot have a chroot with Bazel" \
      "run it with CAP_SYS_ADMIN, or install bazelisk"
    mirror=${RULES_GO_WEAVE_DEBIAN_MIRROR:-$(debian_mirror)}
    [ -n "$mirror" ] || die "apt's configuration names no Debian mirror" "set RULES_GO_WEAVE_DEBIAN_MIRROR"
    if ! have mmdebstrap; then
      step "installing mmdebstrap with apt" "$CACHE/logs/mmdebstrap-install.log" \
        sh -c 'apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends mmdebstrap'
    fi
    for proxy in http https; do
      eval "$(apt-config shell value "Acquire::$proxy::Proxy")"
      # shellcheck disable=SC2154 # set by the line above
      [ -z "${value:-}" ] || options+=(--aptopt="Acquire::$proxy::Proxy \"$value\"")
      unset value
    done
    rm -rf --one-file-system "$CHROOT.partial"
    step "installing Debian $DEBIAN_SUITE with Bazel below the cache directory: downloads 400 MB, takes 1.6 GB" "$CACHE/logs/chroot.log" \
      mmdebstrap --variant=minbase --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
      "${options[@]}" --include="$packages" "$DEBIAN_SUITE" "$CHROOT.partial" "$mirror"
    printf 'Made by rules_go_weave; its scripts look for this file.\n' >"$CHROOT.partial$CHROOT_MARK"
    mv "$CHROOT.partial" "$CHROOT"
  fi
  cp "$REPO/dev.d/enter.sh" "$CACHE/enter"
  BAZEL_VERSION=$("$CACHE/enter" /usr/bin/bazel --version 2>/dev/null | sed -n 's/^bazel //p')
  at_least "${BAZEL_VERSION:-0}" "$BAZEL_MINIMUM" || die "the chroot's Bazel says version '${BAZEL_VERSION:-nothing}'" \
    "remove $CHROOT and run ./dev setup again"
}

# chroot_install PACKAGE...: with the chroot's own apt.
chroot_install() {
  step "installing $* in the chroot" "$CACHE/logs/chroot-$1.log" \
    "$CACHE/enter" --alone sh -c 'export DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
      apt-get -o APT::Sandbox::User=root update && apt-get -o APT::Sandbox::User=root install -y --no-install-recommends "$@"' sh "$@"
}

# visible PATH: whether the real file is at the same place in the chroot.
visible() {
  case $(realpath "$1") in
    /usr/local/* | /usr/src/*) return 0 ;;
    /bin/* | /boot/* | /etc/* | /lib*/* | /sbin/* | /usr/*) return 1 ;;
  esac
}

# wrapper NAME PROGRAM: a command in $CACHE/bin that runs PROGRAM in the chroot.
wrapper() {
  cat >"$CACHE/bin/$1" <<WRAPPER
#!/bin/sh
# Runs the chroot's $1 in the current directory. Written by ./dev setup.
[ ! -e $CHROOT_MARK ] || exec $2 "\$@"
exec "$CACHE/enter" $2 "\$@"
WRAPPER
  chmod +x "$CACHE/bin/$1"
}

# choose_go: sets GO_FROM and GO_IN_CHROOT. Bazel's go_sdk.host() must find the same Go, so it has to be visible to Bazel.
choose_go() {
  local version='' root
  GO_IN_CHROOT=0
  rm -f "$CACHE/bin/go" "$CACHE/bin/gofmt"
  if have go; then
    version=$(cd / && go version 2>/dev/null | sed -n 's/^go version go\([0-9][0-9.]*\).*/\1/p')
    root=$(cd / && go env GOROOT)
    if at_least "${version:-0}" "$GO_MINIMUM" && { [ "$ROUTE" = path ] || visible "$root/bin/go"; }; then
      GO_FROM="$version ($root)"
      return
    fi
  fi
  [ "$ROUTE" = chroot ] || die "Go ${version:-is missing; it} must be >= $GO_MINIMUM" "install a newer Go and put it on PATH"
  GO_IN_CHROOT=1
  [ -x "$CHROOT/usr/bin/go" ] || chroot_install golang-go
  wrapper go /usr/bin/go
  wrapper gofmt /usr/bin/gofmt
  version=$("$CACHE/bin/go" version | sed -n 's/^go version go\([0-9][0-9.]*\).*/\1/p')
  GO_FROM="$version (Debian $DEBIAN_SUITE, in the chroot)"
}

# choose_cargo: sets CARGO_FROM and CARGO_IN_CHROOT; a machine without a C linker uses the chroot's.
choose_cargo() {
  local version=''
  CARGO_IN_CHROOT=0
  rm -f "$CACHE/bin/cargo" "$CACHE/bin/rustc"
  if have cargo; then
    version=$(cd / && cargo --version 2>/dev/null | sed -n 's/^cargo \([0-9][0-9.]*\).*/\1/p')
    if at_least "${version:-0}" "$CARGO_MINIMUM" && { [ "$ROUTE" = path ] || visible "$(command -v cargo)"; }; then
      have cc && CARGO_FROM="$version ($(command -v cargo))" && return
      [ "$ROUTE" = chroot ] || die "cargo needs a C linker, and there is no cc on PATH" "install gcc or clang"
    fi
  fi
  [ "$ROUTE" = chroot ] || die "cargo ${version:-is missing; it} must be >= $CARGO_MINIMUM" "install a newer Rust with rustup"
  CARGO_IN_CHROOT=1
  [ -x "$CHROOT/usr/bin/cargo-clippy" ] || chroot_install cargo rustfmt rust-clippy
  wrapper cargo /usr/bin/cargo
  wrapper rustc /usr/bin/rustc
  version=$("$CACHE/bin/cargo" --version | sed -n 's/^cargo \([0-9][0-9.]*\).*/\1/p')
  CARGO_FROM="$version (Debian $DEBIAN_SUITE, in the chroot)"
}

# write_env DIR: what load_setup reads.
write_env() {
  MODULES=$CACHE/modules-$(cksum <"$REPO/dev.d/setup.sh" | tr -d ' ')
  BAZELRC=$1/bazelrc
  BAZELRC_SELF=$1/bazelrc.self
  {
    printf '# Written by ./dev setup.\n'
    declare -p ROUTE BAZEL BAZEL_VERSION GO_FROM GO_IN_CHROOT CARGO_FROM CARGO_IN_CHROOT BAZELRC BAZELRC_SELF | sed 's/^declare -[-x]* //'
  } >"$1/env"
  if [ -e "$CACHE/bin/go" ]; then
    PATH=$CACHE/bin:$PATH
  fi
}

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

# rc_word TEXT: as one word of a bazelrc, whatever is in it.
rc_word() {
  local text=$1
  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  printf '"%s"' "$text"
}

# show_in_sandbox DIR: the flag by which actions see a directory below /tmp, which Bazel's sandbox hides from them. Of its own
# output base and of the workspace Bazel knows.
show_in_sandbox() {
  local dir
  dir=$(readlink -f "$1")
  case $dir in
    /tmp/*) printf 'build %s\n' "$(rc_word "--sandbox_add_mount_pair=${dir//:/\\:}")" ;;
  esac
}

# write_bazelrc DIR: the flags of this machine. Overrides serve every version that a workspace may ask for.
write_bazelrc() {
  local dir=$1 name value
  {
    printf '# Written by ./dev setup; read after the workspace'"'"'s own .bazelrc.\n'
    if [ "$ROUTE" = chroot ]; then
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
    fi
    # One for all workspaces that this checkout is used in.
    printf 'common %s\n' "$(rc_word "--repo_env=GOWEAVE_TARGET_DIR=$dir/cargo")"
    show_in_sandbox "$REPO"
  } >"$dir/bazelrc.self"
  {
    cat "$dir/bazelrc.self"
    printf 'common %s\n' "$(rc_word "--override_module=rules_go_weave=$REPO")"
  } >"$dir/bazelrc"
}
