#!/usr/bin/env bash
# rules_go and gazelle of a given version, for a build that shall not use those of ./dev setup.
#
# Args:         RULES_GO GAZELLE, two versions.
# Side effects: where Bazel's modules come from the Go module proxy, as ./dev env says by `route chroot`, makes them below the cache
#               directory.
# Output:       the flags that a Bazel command needs to use them, one a line; none where a registry has them.
set -euo pipefail

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export REPO
# shellcheck source=lib.sh
source "$REPO/dev.d/lib.sh"
ensure_setup

[ $# = 2 ] || die "two versions are wanted" "usage: $0 RULES_GO GAZELLE"
[ "$ROUTE" = chroot ] || exit 0

# module NAME PATH VERSION: makes the module if it is not there, and prints its flag.
module() {
  local name=$1 path=$2 version=$3 to=$CACHE/matrix/modules/$1-$3 from
  if [ ! -d "$to" ]; then
    say "fetching $name $version through the Go module proxy"
    rm -rf "$to.partial"
    mkdir -p "$(dirname "$to")"
    (cd / && GOFLAGS=-mod=mod go mod download "$path@v$version") >&2
    from=$(go env GOMODCACHE)/$path@v$version
    cp -r "$from" "$to.partial"
    # A module's zip has neither mode bits nor folders named vendor.
    chmod -R u+w "$to.partial"
    find "$to.partial" -name '*.sh' -exec chmod +x {} +
    state_version "$to.partial/MODULE.bazel" "$version"
    if [ "$name" = gazelle ]; then
      (
        cd "$to.partial"
        # Tests of gazelle import packages that are nowhere.
        rm -rf tests
        GOFLAGS=-mod=mod go mod vendor -e
        go run internal/list_repository_tools_srcs.go -dir=. -generate=internal/go_repository_tools_srcs.bzl
      ) >"$CACHE/logs/matrix-$name-$version.log" 2>&1 || { cat "$CACHE/logs/matrix-$name-$version.log" >&2; die "gazelle $version cannot be made"; }
    fi
    mv "$to.partial" "$to"
  fi
  printf -- '--override_module=%s=%s\n' "$name" "$to"
}

# installed NAME VERSION: whether this is what ./dev setup installs, with patches of its own.
installed() { grep -qx "$1=$2" "$REPO/dev.d/debian/modules.sh"; }

# state_version FILE VERSION: what the release process writes into a MODULE.bazel.
state_version() {
  sed -i '/^module(/,/^)/{/^ *version = /d}' "$1"
  sed -i "0,/^module(/s//module(version = \"$2\",/" "$1"
}

installed RULES_GO_VERSION "$1" || module rules_go github.com/bazelbuild/rules_go "$1"
installed GAZELLE_VERSION "$2" || module gazelle github.com/bazelbuild/bazel-gazelle "$2"
