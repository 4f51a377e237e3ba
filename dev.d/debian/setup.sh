# shellcheck shell=bash
# shellcheck disable=SC2034 # variables go to the env file
# The tools of a machine without a usable Bazel: Debian's Bazel in a chroot, and its Go and Rust where the machine's own will not do.
#
# Args:         none; sourced by ../setup.sh, which calls debian_tools and, once go is on PATH, make_modules.
# Side effects: those of chroot.sh and modules.sh.
# Output:       what it does and what it downloads, on stderr.

# shellcheck source=chroot.sh
source "$REPO/dev.d/debian/chroot.sh"
# shellcheck source=modules.sh
source "$REPO/dev.d/debian/modules.sh"

# debian_tools: makes the chroot; sets GO_FROM and CARGO_FROM. Bazel's go_sdk.host() must find the same Go, so it has to be visible to
# Bazel. A machine without a C linker uses the chroot's cargo.
debian_tools() {
  make_chroot
  if ! path_go || ! visible "$(cd / && go env GOROOT)/bin/go"; then
    chroot_go
  fi
  if ! path_cargo || ! visible "$(command -v cargo)" || ! have cc; then
    chroot_cargo
  fi
}
