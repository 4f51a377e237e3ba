#!/usr/bin/env bash
# Runs a command in the chroot that holds Debian's Bazel, in the current directory, with this machine's own files in view.
#
# Args:         COMMAND ARGS...; environment: RULES_GO_WEAVE_CACHE names the directory that set-up made (default as in lib.sh).
# Side effects: mounts in a mount namespace of its own, which goes when its last process (say, a Bazel server) ends.
# Output:       the command's.
set -euo pipefail

CACHE=${RULES_GO_WEAVE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/rules_go_weave}
export WEAVE_CHROOT=$CACHE/debian-forky-1 WEAVE_HERE=$PWD

# The chroot keeps its own programs and their settings; every other top-level directory is the machine's.
# A directory that is still missing (a workspace below /etc, say) is bound by itself.
# shellcheck disable=SC2016 # expanded by the inner shell, in the new namespace
exec unshare --mount --propagation slave bash -euc '
  show() {
    local target=$WEAVE_CHROOT/$1
    if [ -d "/$1" ]; then mkdir -p "$target"; else mkdir -p "$(dirname "$target")"; [ -e "$target" ] || : >"$target"; fi
    mount --rbind "/$1" "$target"
  }
  for path in /* /.[!.]*; do
    name=${path#/}
    case $name in
      bin | boot | etc | lib | lib32 | lib64 | libx32 | libo32 | lost+found | sbin | usr) continue ;;
    esac
    if [ -L "$path" ]; then
      [ -e "$WEAVE_CHROOT/$name" ] || ln -s "$(readlink "$path")" "$WEAVE_CHROOT/$name"
    elif [ -d "$path" ]; then
      show "$name"
    fi
  done
  for name in usr/local usr/src etc/resolv.conf etc/hosts etc/localtime; do
    [ ! -e "/$name" ] || show "$name"
  done
  # A machine without certificates of its own gets those of the chroot.
  [ ! -s /etc/ssl/certs/ca-certificates.crt ] || show etc/ssl
  [ -d "$WEAVE_CHROOT$WEAVE_HERE" ] || show "${WEAVE_HERE#/}"
  exec chroot "$WEAVE_CHROOT" /bin/bash -c "cd \"\$WEAVE_HERE\" && unset WEAVE_CHROOT WEAVE_HERE && exec \"\$@\"" enter "$@"
' enter "$@"
