#!/usr/bin/env bash
# A private PostgreSQL server: a free port of the loopback interface, its own directory, no password, no durability.
#
# Args:         install            have a PostgreSQL, the machine's or else one in the chroot
#               start DIRECTORY    make DIRECTORY, start a server in it
#               stop DIRECTORY     stop that server, remove DIRECTORY
# Side effects: install may run apt-get in the chroot; start leaves a server running until stop.
# Output:       start prints the server's URL.
set -euo pipefail

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export REPO
# shellcheck source=lib.sh
source "$REPO/dev.d/lib.sh"
ensure_setup

# programs_in ROOT: the directory of the newest PostgreSQL below a file system root, as seen from there.
programs_in() {
  local path
  for path in "$1"/usr/lib/postgresql/*/bin/postgres; do
    [ -x "$path" ] && printf '%s\n' "${path#"$1"}"
  done | sort -V | tail -n 1 | xargs -r dirname
}

# find_postgres: sets bin, and run to the words that run a program where it is.
find_postgres() {
  run=()
  bin=$(programs_in "")
  if [ -z "$bin" ] && have postgres && have initdb; then
    bin=$(dirname "$(realpath "$(command -v postgres)")")
  fi
  if [ -z "$bin" ] && [ "$ROUTE" = chroot ] && ! in_chroot; then
    bin=$(programs_in "$CHROOT")
    run=("$CACHE/enter")
  fi
  [ -n "$bin" ]
}

case ${1:-} in
  install)
    if ! find_postgres; then
      debian_packages postgresql || die "no PostgreSQL on this machine" "install the server, for example apt-get install postgresql"
    fi
    ;;
  start)
    directory=${2:?}
    find_postgres || die "no PostgreSQL on this machine" "run $0 install first"
    # The server refuses to run as root; any other user will do.
    if [ "$(id -u)" = 0 ]; then
      run+=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    fi
    mkdir -p "$directory"
    [ "$(id -u)" != 0 ] || chown 65534:65534 "$directory"
    cd "$directory"
    "${run[@]}" env LC_ALL=C "$bin/initdb" -D data -U shop -A trust --no-sync -E UTF8 >initdb.log 2>&1 || {
      cat initdb.log >&2
      die "initdb failed"
    }
    # Another program may take the free port first: try a few.
    for ((attempt = 1; ; attempt++)); do
      port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
      "${run[@]}" env LC_ALL=C "$bin/pg_ctl" -D data -w -t 60 -l "$directory/data/server.log" \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off" start >pg_ctl.log 2>&1 </dev/null && break
      if [ "$attempt" = 5 ]; then
        cat pg_ctl.log data/server.log >&2
        die "PostgreSQL does not start"
      fi
    done
    printf 'postgres://shop@127.0.0.1:%s/postgres?sslmode=disable\n' "$port"
    ;;
  stop)
    directory=${2:?}
    if [ -e "$directory/data/postmaster.pid" ]; then
      # Fast shutdown is SIGINT to the postmaster, whose id is the file's first line.
      pid=$(head -n 1 "$directory/data/postmaster.pid")
      kill -INT "$pid" 2>/dev/null || true
      for ((i = 0; i < 100; i++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
      done
      kill -KILL "$pid" 2>/dev/null || true
    fi
    rm -rf "$directory"
    ;;
  *)
    die "unknown verb '${1:-}'" "usage: $0 install | start DIRECTORY | stop DIRECTORY"
    ;;
esac
