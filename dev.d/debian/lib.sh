# shellcheck shell=bash
# shellcheck disable=SC2034,SC2153 # variables come from ../lib.sh and are for the scripts that source it
# Where Debian's Bazel is, and how a command runs beside it. On a machine with a Bazel of its own, ROUTE is path and commands run as
# they are.
#
# Args:         none; sourced by ../lib.sh, with CACHE and REPO set.
# Side effects: defines functions and variables; debian_packages runs apt-get in the chroot.
# Output:       none.

CHROOT=$CACHE/debian-forky-1
# In the chroot, this file says so; the scripts then run things as they are instead of entering it again.
CHROOT_MARK=/etc/rules_go_weave-chroot

in_chroot() { [ -e "$CHROOT_MARK" ]; }

# inside COMMAND...: runs it where Bazel runs: in the chroot on that route, otherwise as it is.
inside() {
  if [ "$ROUTE" = chroot ] && ! in_chroot; then
    PATH=$(inside_path) "$REPO/dev.d/debian/enter.sh" "$@"
  else
    "$@"
  fi
}

# debian_packages PACKAGE...: installs them in the chroot; false where commands do not run in one.
debian_packages() {
  if [ "$ROUTE" != chroot ] || in_chroot; then
    return 1
  fi
  # shellcheck source=/dev/null # it is checked by itself
  source "$REPO/dev.d/debian/chroot.sh"
  chroot_install "$@" >&2
}

# inside_path: PATH for the chroot: its own go and cargo first where those were chosen, its programs reachable in any case.
inside_path() {
  local path
  path=$(without_wrappers):/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
  if [ "$GO_IN_CHROOT" = 1 ] || [ "$CARGO_IN_CHROOT" = 1 ]; then
    path=/usr/bin:$path
  fi
  printf '%s' "$path"
}

# without_wrappers: PATH without the directory of wrappers into the chroot.
without_wrappers() { printf '%s' "$PATH" | tr ':' '\n' | grep -vxF "$CACHE/bin" | paste -sd:; }

# inside_cargo COMMAND...: runs it where the chosen cargo runs, since a binary linked there may need that libc.
inside_cargo() {
  if [ "$CARGO_IN_CHROOT" = 1 ]; then
    inside "$@"
  else
    "$@"
  fi
}
