#!/usr/bin/env bash
# What action.yml does, step by step: run.sh install | check | comment.
# Everything from outside comes through the environment and is never evaluated.
set -euo pipefail

# The comment of an earlier run is known by its first line.
MARK='<!-- rolecall check -->'

# GitHub takes comments of 65,536 characters.
LONGEST=65000

install() {
  if command -v rolecall >/dev/null; then
    return
  fi
  # The action comes with the whole repository, which says which toolchain it is built with.
  cd "$GITHUB_ACTION_PATH/.."
  cargo install --locked --path crates/rolecall-cli
}

# Words, separated by spaces or lines, into the array `words`. No globs.
split() {
  words=()
  read -r -d '' -a words <<<"$1" || true
}

check() {
  local out="$RUNNER_TEMP/rolecall" words paths args code=0
  mkdir -p "$out"
  split "${ROLECALL_PATHS:-.}"
  paths=("${words[@]}")
  split "${ROLECALL_ARGS:-}"
  args=(${words[@]+"${words[@]}"})

  local more=(--fail-on "${ROLECALL_FAIL_ON:-error}")
  if [[ -n "${ROLECALL_CONFIG:-}" ]]; then
    more+=(--config "$ROLECALL_CONFIG")
  fi
  rolecall check "${paths[@]}" ${args[@]+"${args[@]}"} "${more[@]}" \
    --format github --format "sarif=$out/log.sarif" --format "markdown=$out/summary.md" || code=$?
  echo "code=$code" >>"$GITHUB_OUTPUT"
  # What could not be read has no report.
  if [[ ! -s "$out/summary.md" ]]; then
    return
  fi
  cat "$out/summary.md" >>"$GITHUB_STEP_SUMMARY"
  compose "$out" >"$out/comment.md"
  {
    echo "sarif=$out/log.sarif"
    echo "comment=$out/comment.md"
  } >>"$GITHUB_OUTPUT"
}

# The comment: the summary, what the change allows or takes away, the picture. The last two as far as they fit.
# It uses `paths` and `args` of check.
compose() {
  local out="$1" base="${GITHUB_BASE_REF:-}" code=0
  {
    echo "$MARK"
    cat "$out/summary.md"
  } >"$out/body.md"
  if [[ -n "$base" ]]; then
    git fetch --quiet --depth=1 origin "+refs/heads/$base:refs/remotes/origin/$base" 2>/dev/null || true
    rolecall check "${paths[@]}" ${args[@]+"${args[@]}"} --diff "origin/$base" \
      >"$out/diff.txt" 2>/dev/null || code=$?
    # 0: nothing more is allowed; 1: something is. All else is no comparison.
    if ((code <= 1)) && [[ -s "$out/diff.txt" ]]; then
      section "$out" "What this changes" text "$out/diff.txt"
    fi
  fi
  # Among the arguments may be some that only check takes.
  if rolecall graph "${paths[@]}" ${args[@]+"${args[@]}"} --format mermaid >"$out/graph.mmd" 2>/dev/null ||
    rolecall graph "${paths[@]}" --format mermaid >"$out/graph.mmd" 2>/dev/null; then
    section "$out" "Who may become which role" mermaid "$out/graph.mmd"
  fi
  cat "$out/body.md"
}

# Adds a part that is folded away, unless it would be too long. A fence is longer than any in the text.
section() {
  local out="$1" title="$2" language="$3" file="$4" fence='```'
  while grep -qF "$fence" "$file"; do
    fence+='`'
  done
  {
    printf '\n<details>\n<summary>%s</summary>\n\n%s%s\n' "$title" "$fence" "$language"
    cat "$file"
    printf '%s\n\n</details>\n' "$fence"
  } >"$out/section.md"
  if (($(wc -m <"$out/body.md") + $(wc -m <"$out/section.md") <= LONGEST)); then
    cat "$out/section.md" >>"$out/body.md"
  fi
}

comment() {
  # refs/pull/7/merge
  local number="${GITHUB_REF#refs/pull/}" id
  number="${number%%/*}"
  local comments="repos/$GITHUB_REPOSITORY/issues/$number/comments"
  local ours=".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$MARK\"))) | .id"
  # The token of a pull request from a fork may not write: the check counts all the same.
  if ! id=$(gh api --paginate "$comments" --jq "$ours"); then
    echo '::warning title=rolecall::the comments of the pull request cannot be read'
    return
  fi
  id="${id%%$'\n'*}"
  if [[ -n "$id" ]]; then
    gh api --silent --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$ROLECALL_COMMENT" || refused
  else
    gh api --silent --method POST "$comments" -F "body=@$ROLECALL_COMMENT" || refused
  fi
}

refused() {
  echo '::warning title=rolecall::the comment cannot be written: it needs the permission pull-requests, write'
}

case "${1:-}" in
  install | check | comment) "$1" ;;
  *)
    echo 'usage: run.sh install | check | comment' >&2
    exit 3
    ;;
esac
