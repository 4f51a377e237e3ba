# shellcheck shell=bash
# shellcheck disable=SC2034 # variables go to the env file
# Debian's Bazel in a chroot, for a machine without a usable Bazel; and Debian's Go and Rust, where the machine has none.
#
# Args:         none; sourced by setup.sh, and by debian_packages of lib.sh.
# Side effects: make_chroot runs apt-get install of mmdebstrap and makes a Debian tree below $CACHE; chroot_* run apt-get in it.
# Output:       what it does and what it downloads, on stderr; logs in $CACHE/logs.

# Debian's release that has a Bazel new enough for rules_go.
DEBIAN_SUITE=forky

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
  cp "$REPO/dev.d/debian/enter.sh" "$CACHE/enter"
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

# chroot_go: Debian's Go; sets GO_FROM and GO_IN_CHROOT.
chroot_go() {
  local version
  GO_IN_CHROOT=1
  [ -x "$CHROOT/usr/bin/go" ] || chroot_install golang-go
  wrapper go /usr/bin/go
  wrapper gofmt /usr/bin/gofmt
  version=$("$CACHE/bin/go" version | sed -n 's/^go version go\([0-9][0-9.]*\).*/\1/p')
  GO_FROM="$version (Debian $DEBIAN_SUITE, in the chroot)"
}

# chroot_cargo: Debian's Rust; sets CARGO_FROM and CARGO_IN_CHROOT.
chroot_cargo() {
  local version
  CARGO_IN_CHROOT=1
  [ -x "$CHROOT/usr/bin/cargo-clippy" ] || chroot_install cargo rustfmt rust-clippy
  wrapper cargo /usr/bin/cargo
  wrapper rustc /usr/bin/rustc
  version=$("$CACHE/bin/cargo" --version | sed -n 's/^cargo \([0-9][0-9.]*\).*/\1/p')
  CARGO_FROM="$version (Debian $DEBIAN_SUITE, in the chroot)"
}
