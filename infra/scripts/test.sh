#!/usr/bin/env bash
# Every test of the workspace, against one local stack with fresh data on free ports.
# Arguments go to `cargo test`: infra/scripts/test.sh -p projector
set -euo pipefail
cd "$(dirname "$0")/../.."

target=${CARGO_TARGET_DIR:-target}
cache=${PARCELTRACK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/parceltrack}
selection=("$@")
if [ ${#selection[@]} -eq 0 ]; then selection=(--workspace); fi

say() { printf '\n== %s (%s)\n' "$1" "$(date -u +%H:%M:%S)"; }

say "building"
cargo build --release --locked -p parceltrack
cargo build --release --locked -p local-stack --example stack
# All of the compiling before the stack takes its share of the cores.
cargo test --release --locked "${selection[@]}" --no-run

data=$(mktemp -d "${TMPDIR:-/tmp}/parceltrack-test.XXXXXX")
stack=
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
trap cleanup EXIT
trap 'exit 130' INT TERM

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

# Tests that run the binary or another language's client find them by these. (Not PARCELTRACK_…: the binary
# refuses a setting of that name that it does not know.)
export PT_TEST_BINARY=$target/release/parceltrack
case $PT_TEST_BINARY in /*) ;; *) PT_TEST_BINARY=$PWD/$PT_TEST_BINARY ;; esac
if [ -x "$cache/python/bin/python" ]; then export PT_TEST_PYTHON=$cache/python/bin/python; fi

say "testing"
cargo test --release --locked "${selection[@]}" --no-fail-fast
say "done"
