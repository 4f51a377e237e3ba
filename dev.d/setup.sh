# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # variables come from lib.sh and go to the env file
# Makes a machine ready: finds a Bazel, a Go and a Rust that will do, or installs them below the cache directory.
#
# Args:         none; sourced by lib.sh's ensure_setup, which then calls setup_machine DIR under a lock.
# Side effects: none but Bazel's own caches where a Bazel on PATH will do; otherwise those of debian/setup.sh. DIR gets env, bazelrc
#               and bazelrc.self.
# Output:       what it does and what it downloads, on stderr; logs in $CACHE/logs.

# The other way of having a Bazel, where none on PATH will do.
# shellcheck source=debian/setup.sh
source "$REPO/dev.d/debian/setup.sh"

setup_machine() {
  local dir=$1
  say "setting up in $CACHE"
  mkdir -p "$CACHE/bin" "$CACHE/logs"
  rm -f "$CACHE"/bin/{go,gofmt,cargo,rustc}
  GO_IN_CHROOT=0 CARGO_IN_CHROOT=0
  choose_route
  if [ "$ROUTE" = chroot ]; then
    debian_tools
  else
    path_go || die "Go ${GO_VERSION:-is missing; it} must be >= $GO_MINIMUM" "install a newer Go and put it on PATH"
    path_cargo || die "cargo ${CARGO_VERSION:-is missing; it} must be >= $CARGO_MINIMUM" "install a newer Rust with rustup"
    have cc || die "cargo needs a C linker, and there is no cc on PATH" "install gcc or clang"
  fi
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

# path_go: whether the Go on PATH is new enough; sets GO_VERSION and GO_FROM.
path_go() {
  GO_VERSION=
  have go || return 1
  GO_VERSION=$(cd / && go version 2>/dev/null | sed -n 's/^go version go\([0-9][0-9.]*\).*/\1/p')
  GO_FROM="$GO_VERSION ($(cd / && go env GOROOT))"
  at_least "${GO_VERSION:-0}" "$GO_MINIMUM"
}

# path_cargo: whether the cargo on PATH is new enough; sets CARGO_VERSION and CARGO_FROM.
path_cargo() {
  CARGO_VERSION=
  have cargo || return 1
  CARGO_VERSION=$(cd / && cargo --version 2>/dev/null | sed -n 's/^cargo \([0-9][0-9.]*\).*/\1/p')
  CARGO_FROM="$CARGO_VERSION ($(command -v cargo))"
  at_least "${CARGO_VERSION:-0}" "$CARGO_MINIMUM"
}

# write_env DIR: what load_setup reads.
write_env() {
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
  local dir=$1
  {
    printf '# Written by ./dev setup; read after the workspace'"'"'s own .bazelrc.\n'
    if [ "$ROUTE" = chroot ]; then
      modules_flags
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
