#!/usr/bin/env bash
# The formatters and linters of this repository, as tests or, with --write, as formatters.
#
# Args:         [--write]
# Side effects: installs buildifier and actionlint (go install) and, where it is missing, shellcheck below the cache directory; --write changes files.
# Output:       what each check finds, then "PASS name" or "FAIL name". The exit code does not tell.
set -euo pipefail

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
export REPO
# shellcheck source=lib.sh
source "$REPO/dev.d/lib.sh"
ensure_setup
cd "$REPO"

BUILDIFIER_VERSION=v0.0.0-20250930140053-2eb4fccefb52
ACTIONLINT_VERSION=v1.7.12
buildifier=$CACHE/tools/buildifier-$BUILDIFIER_VERSION
actionlint=$CACHE/tools/actionlint-$ACTIONLINT_VERSION

# files PATTERN...: what git knows or would add, and still exists; test data is left alone.
files() {
  git -c core.quotePath=false ls-files --cached --others --exclude-standard -- "$@" | sort -u | grep -v testdata/ |
    while IFS= read -r file; do
      [ ! -f "$file" ] || printf '%s\n' "$file"
    done
}

# install_tool FILE PACKAGE@VERSION: a Go program, under a name that has the version.
install_tool() {
  [ ! -x "$1" ] || return 0
  local directory package=${2%@*}
  directory=$(mktemp -d)
  GOBIN=$directory GOFLAGS=-mod=mod CGO_ENABLED=0 go install "$2" && mkdir -p "$CACHE/tools" && mv "$directory/${package##*/}" "$1"
  rm -rf "$directory"
}

install_buildifier() { install_tool "$buildifier" "github.com/bazelbuild/buildtools/buildifier@$BUILDIFIER_VERSION"; }

# shell_check FILES...: the machine's shellcheck, or one in the chroot.
shell_check() {
  if have shellcheck; then
    shellcheck "$@"
  elif [ "$ROUTE" = chroot ] && ! in_chroot; then
    if [ ! -x "$CHROOT/usr/bin/shellcheck" ]; then
      debian_packages shellcheck
    fi
    inside shellcheck "$@"
  else
    printf 'shellcheck is not on PATH; install it\n'
    return 1
  fi
}

starlark_files() { files '*.bzl' '*.bazel' 'BUILD' '*/BUILD'; }
go_files() { files '*.go'; }
scripts() {
  files '*.sh' dev .ci/run | sort -u
  files '*' | grep -vE '\.[a-z]+$' | xargs -r grep -lE '^#!.*(bash|/sh)$' | sort -u
}

check_rustfmt() { cargo fmt --all --check; }
check_clippy() { cargo clippy --quiet --workspace --all-targets --locked -- -D warnings; }

check_gofmt() {
  local found
  found=$(go_files | xargs -r gofmt -l) || return 1
  [ -z "$found" ] || {
    printf 'not formatted; run ./dev fmt:\n%s\n' "$found"
    return 1
  }
}

check_vet() {
  local module status=0
  while IFS= read -r module; do
    printf 'go vet in %s\n' "$module"
    # shellcheck disable=SC2046 # several patterns
    (cd "$module" && { [ -z "$(go list $(go_packages "$PWD") 2>/dev/null)" ] || go vet $(go_packages "$PWD"); }) || status=1
  done < <(files 'go.mod' '*/go.mod' | grep -v '^bench/\|^e2e/zoo/\|^e2e/shapes/' | xargs -r -n 1 dirname)
  return "$status"
}

check_buildifier() {
  install_buildifier || return 1
  starlark_files | xargs -r "$buildifier" -mode=check -lint=warn -warnings=-native-py,-native-sh-library,-module-docstring,-function-docstring,-function-docstring-args,-function-docstring-header,-function-docstring-return || {
    printf 'run ./dev fmt\n'
    return 1
  }
}

check_shellcheck() {
  local list
  mapfile -t list < <(scripts | sort -u)
  shell_check --external-sources --source-path=SCRIPTDIR "${list[@]}"
}

# The workflows cannot run here: their form is checked, and that all they run is a verb of ./dev. The controls are a workflow with a
# mistake and a step that runs something else.
check_workflows() {
  local wrong runs='^ *-? *run: *'
  install_tool "$actionlint" "github.com/rhysd/actionlint/cmd/actionlint@$ACTIONLINT_VERSION" || return 1
  "$actionlint" -no-color -shellcheck= -pyflakes= || return 1
  wrong=$(sed 's/runs-on: ubuntu-latest/runs-on: ${{ nosuch.value }}/' .github/workflows/ci.yml | "$actionlint" -no-color -shellcheck= -pyflakes= - || true)
  case $wrong in
    *'undefined variable "nosuch"'*) ;;
    *)
      printf 'actionlint finds no mistake where there is one:\n%s\n' "$wrong"
      return 1
      ;;
  esac
  if ! printf '      - run: make\n' | grep -E "$runs" | grep -qvE "$runs\./dev "; then
    printf 'the search finds no step that is not of ./dev\n'
    return 1
  fi
  ! grep -nE "$runs" .github/workflows/*.yml | grep -vE "run: *\./dev " || {
    printf 'steps run verbs of ./dev alone, which run on every machine\n'
    return 1
  }
}

# Each script says what it takes, what it changes and what it prints.
check_script_headers() {
  local script word status=0
  while IFS= read -r script; do
    for word in Args 'Side effects' Output; do
      head -n 25 "$script" | grep -q "^# $word:" || {
        printf '%s: no "# %s:" in the header\n' "$script" "$word"
        status=1
      }
    done
  done < <(scripts | sort -u)
  return "$status"
}

# The example has no word of telemetry; the control is that the search finds the words in the demo.
check_shop_has_no_telemetry() {
  local words='telemetry|otel|tracing|tracer|\bspans?\b' found
  if ! files 'demo/*' | xargs -r grep -qiE "$words"; then
    printf 'the search finds nothing in demo/ either, so it does not work\n'
    return 1
  fi
  found=$(files 'e2e/shop/*' | grep -v 'go.sum$' | xargs -r grep -niE "$words") || return 0
  printf 'telemetry in the shop:\n%s\n' "$found"
  return 1
}

if [ "${1:-}" = --write ]; then
  cargo fmt --all
  go_files | xargs -r gofmt -w
  install_buildifier
  starlark_files | xargs -r "$buildifier" -mode=fix -lint=fix
  exit 0
fi

for check in rustfmt clippy gofmt vet buildifier shellcheck workflows script_headers shop_has_no_telemetry; do
  printf -- '--- %s\n' "$check"
  # In a condition errexit is off in all of the check, hence the explicit returns above.
  if "check_$check" 2>&1 </dev/null; then
    printf 'PASS lint %s\n' "$check"
  else
    printf 'FAIL lint %s\n' "$check"
  fi
done
