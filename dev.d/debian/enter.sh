#!/usr/bin/env bash
# Runs a command in the chroot that holds Debian's Bazel, in the current directory, with this machine's own files in view.
#
# Args:         [--alone] COMMAND ARGS...; --alone shows the chroot only what a package manager needs of this machine.
#               Environment: RULES_GO_WEAVE_CACHE names the directory that set-up made (default as in lib.sh).
# Side effects: mounts in a mount namespace of its own, which goes when its last process (say, a Bazel server) ends.
# Output:       the command's.
set -euo pipefail

CACHE=${RULES_GO_WEAVE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rules_go_weave}
export WEAVE_CHROOT=$CACHE/debian-forky-1 WEAVE_HERE=$PWD

WEAVE_ALONE=0
if [ "${1:-}" = --alone ]; then
  WEAVE_ALONE=1
  shift
fi
export WEAVE_ALONE

# The chroot keeps its own programs, settings and package database (/var); every other top-level directory is the machine's.
# A working directory that is still missing, below /var/lib say, is bound by itself: the highest directory on the way to it
# that the chroot has not, or has as an empty mount point.
# shellcheck disable=SC2016 # expanded by the inner shell, in the new namespace
exec unshare --mount --propagation slave bash -euc '
  mount --bind "$WEAVE_CHROOT" "$WEAVE_CHROOT"
  show() {
    local target=$WEAVE_CHROOT/$1
    if [ -d "/$1" ]; then mkdir -p "$target"; else mkdir -p "$(dirname "$target")"; [ -e "$target" ] || : >"$target"; fi
    mount --rbind "/$1" "$target"
  }
  for name in dev proc sys etc/resolv.conf etc/hosts etc/localtime; do
    [ ! -e "/$name" ] || show "$name"
  done
  # A machine without certificates of its own gets those of the chroot.
  [ ! -s /etc/ssl/certs/ca-certificates.crt ] || show etc/ssl
  if [ "$WEAVE_ALONE" = 1 ]; then
    WEAVE_HERE=/
  else
    for path in /* /.[!.]*; do
      name=${path#/}
      case $name in
        bin | boot | dev | etc | lib | lib32 | lib64 | libx32 | libo32 | lost+found | proc | sbin | sys | usr | var) continue ;;
      esac
      if [ -L "$path" ]; then
        [ -e "$WEAVE_CHROOT/$name" ] || ln -s "$(readlink "$path")" "$WEAVE_CHROOT/$name"
      elif [ -d "$path" ]; then
        show "$name"
      fi
    done
    for name in usr/local usr/src var/tmp; do
      [ ! -d "/$name" ] || show "$name"
    done
    path=
    while IFS= read -r name; do
      path=$path/$name
      if [ ! -d "$WEAVE_CHROOT$path" ] || [ -z "$(ls -A "$WEAVE_CHROOT$path")" ]; then
        [ -z "$(ls -A "$path")" ] || show "${path#/}"
        break
      fi
    done < <(printf "%s\n" "${WEAVE_HERE#/}" | tr / "\n")
  fi
  # The new root is the root of the namespace, too: a Bazel client compares its directory with that of the server, which has
  # a namespace of its own, and starts another server when the kernel shows it another path.
  cd "$WEAVE_CHROOT"
  PATH=$PATH:/usr/sbin:/sbin pivot_root . .
  umount --lazy .
  exec chroot . /bin/bash -c "cd \"\$WEAVE_HERE\" && unset WEAVE_CHROOT WEAVE_HERE WEAVE_ALONE && exec \"\$@\"" enter "$@"
' enter "$@"
