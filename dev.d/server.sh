#!/usr/bin/env bash
# Finds a server's program on this machine, or else in the chroot, where it is installed from its Debian package if need be.
#
# Args:         PACKAGE PROGRAM: a name, which is in /usr/bin there, or a path
# Side effects: may run apt-get in the chroot.
# Output:       the words that run the program.
set -euo pipefail

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export REPO
# shellcheck source=lib.sh
source "$REPO/dev.d/lib.sh"
ensure_setup

package=${1:?} program=${2:?}
case $program in
  /*) path=$program ;;
  *) path=/usr/bin/$program ;;
esac
if have "$program"; then
  command -v "$program"
  exit
fi
if [ "$ROUTE" != chroot ] || in_chroot; then
  die "no $program on this machine" "install it, for example apt-get install $package"
fi
if [ ! -x "$CHROOT$path" ]; then
  # Suites run side by side, and their tests ask for the same servers.
  exec 8>"$CACHE/servers.lock"
  flock 8
  if [ ! -x "$CHROOT$path" ]; then
    debian_packages "$package"
  fi
  exec 8>&-
fi
# Who runs it may give it a HOME of its own, below which there is no chroot.
printf 'env RULES_GO_WEAVE_CACHE=%s %s %s\n' "$CACHE" "$CACHE/enter" "$path"
