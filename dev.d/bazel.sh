# shellcheck shell=bash
# shellcheck disable=SC2153 # variables come from lib.sh
# Runs Bazel in a workspace, with the flags of this machine.
#
# Args:         none; sourced by lib.sh.
# Side effects: defines functions.
# Output:       none.

# workspace_root: the Bazel workspace around the current directory, or nothing.
workspace_root() {
  local dir=$PWD
  while :; do
    if [ -e "$dir/MODULE.bazel" ] || [ -e "$dir/REPO.bazel" ] || [ -e "$dir/WORKSPACE.bazel" ] || [ -e "$dir/WORKSPACE" ]; then
      printf '%s\n' "$dir"
      return
    fi
    [ "$dir" != / ] || return 0
    dir=$(dirname "$dir")
  done
}

# names_us DIR: whether the Bazel module in a directory, a file that it includes or a module that it overrides by a path names
# rules_go_weave.
names_us() {
  local dir=$1 text path
  [ -e "$dir/MODULE.bazel" ] || return 1
  text=$(module_text "$dir/MODULE.bazel")
  while IFS= read -r path; do
    case $path in
      //*) path=$dir/$(printf '%s' "${path#//}" | sed 's|^:||; s|:|/|') ;;
      /*) path=$path/MODULE.bazel ;;
      *) path=$dir/$path/MODULE.bazel ;;
    esac
    if [ -f "$path" ]; then
      text+=$(module_text "$path")
    fi
  done < <(printf '%s\n' "$text" | sed -n 's/.*path *= *"\([^"]*\)".*/\1/p; s/.*include("\(\/\/[^"]*\)").*/\1/p')
  [[ $text == *rules_go_weave* ]]
}

# module_text FILE: without its comments.
module_text() { sed 's/#.*//' "$1"; }

# run_bazel ARGS...: in the current directory. Bazel refuses an override of the root module itself, and of one that is nowhere in
# the build, so a workspace that is rules_go_weave, or does not name it, goes without ours.
run_bazel() {
  local root rc=$BAZELRC
  root=$(workspace_root)
  if [ -n "$root" ]; then
    if ! names_us "$root" || tr -d ' \n' <"$root/MODULE.bazel" | grep -qE '(^|[^a-z_])module\([^)]*name="rules_go_weave"'; then
      rc=$BAZELRC_SELF
    fi
  fi
  inside "$BAZEL" "--bazelrc=$rc" "$@"
}

# remove_abandoned: removes the output bases, below our own output user root, of workspaces that are gone.
remove_abandoned() {
  local base workspace
  for base in "$CACHE"/bazel/*/; do
    if workspace=$(cat "$base/DO_NOT_BUILD_HERE" 2>/dev/null) && [ -n "$workspace" ] && [ ! -e "$workspace" ]; then
      chmod -R u+w "$base"
      rm -rf "$base"
    fi
  done
}
