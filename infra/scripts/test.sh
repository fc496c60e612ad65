#!/usr/bin/env bash
# Every test of the workspace, against one local stack with fresh data on free ports.
# Arguments go to `cargo test`: infra/scripts/test.sh -p projector
set -euo pipefail

say() { printf '\n== %s (%s)\n' "$1" "$(date -u +%H:%M:%S)"; }

build() {
  say "building"
  # With the replayer, which README shows. All at once: a package by itself would have other features, and be compiled for them.
  cargo build --release --locked -p parceltrack -p replayer -p local-stack --bins --example stack
  # All of the compiling before the stack takes its share of the cores.
  cargo test --release --locked "$@" --no-run
}

# shellcheck disable=SC2317 # called by the trap
cleanup() {
  local status=$?
  trap - EXIT
  if [ -n "$stack" ]; then
    kill -TERM "$stack" 2>/dev/null || true
    wait "$stack" 2>/dev/null || true
  fi
  if [ "$status" -eq 0 ]; then
    rm -rf "$data"
  else
    rm -rf "$data/kafka" "$data/cassandra"
    echo "the stack's logs are in $data/logs" >&2
  fi
  exit "$status"
}

start_stack() {
  say "starting the stack"
  # The tests' own stack: endpoints of an outer one must not leak in.
  env -u PARCELTRACK_KAFKA -u PARCELTRACK_CQL -u PARCELTRACK_REGISTRY \
    "$target/release/examples/stack" --data "$data" --kafka-port 0 --cql-port 0 --registry-port 0 \
    --env-file "$data/endpoints" &
  stack=$!
  until [ -e "$data/endpoints" ]; do
    if ! kill -0 "$stack" 2>/dev/null; then
      echo "the stack did not start" >&2
      exit 1
    fi
    sleep 0.2
  done
  # shellcheck source=/dev/null
  source "$data/endpoints"
}

# Bash reads a script while it runs it: in a function all of it is read first, and an edit disturbs nothing.
main() {
  cd "$(dirname "$0")/../.."
  local selection=("$@")
  if [ ${#selection[@]} -eq 0 ]; then selection=(--workspace); fi
  target=${CARGO_TARGET_DIR:-$PWD/target}
  build "${selection[@]}"

  data=$(mktemp -d "${TMPDIR:-/tmp}/parceltrack-test.XXXXXX")
  stack=
  trap cleanup EXIT
  trap 'exit 130' INT TERM
  start_stack

  # A test with another language's client finds it by this. (Not PARCELTRACK_…: the binary refuses a setting
  # of that name that it does not know.)
  local python=${PARCELTRACK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/parceltrack}/python/bin/python
  if [ -x "$python" ]; then export PT_TEST_PYTHON=$python; fi

  say "testing"
  cargo test --release --locked "${selection[@]}" --no-fail-fast
  say "done"
  exit
}

main "$@"
