#!/usr/bin/env bash
# Builds what torture needs, and runs it: infra/scripts/torture.sh --duration 180 --seed 42
#
# Twice the binary of the roles: as it is for use, and with test-only switches, by which it can be one of the next
# version (for rolling upgrades) or have a bug planted (which torture must find).
#
#   infra/scripts/torture.sh [OPTION…]     see `torture --help`; with PLANTED=no only the binary for use is built,
#                                          and the upgrade left out
#   infra/scripts/torture.sh planted       plants each bug in turn, and fails unless each is found
set -euo pipefail

# So short a run has too few events for one in 10,000.
readonly bugs=(drop-one-event:500 reuse-producer dedup-off offsets-first restore-first-eof)

build() {
  rm -f "$target/release/parceltrack-planted"
  if [ "${PLANTED:-yes}" != no ]; then
    # This one first: what stays in `parceltrack` is the one for use.
    # An allocator of one's own can't live with libfaketime.
    cargo build --release --locked -p parceltrack --no-default-features --features planted-bugs
    cp "$target/release/parceltrack" "$target/release/parceltrack-planted"
  fi
  # Both at once: torture by itself would have other features, and everything beneath be compiled for them.
  cargo build --release --locked -p parceltrack -p torture
}

planted() {
  local missed=() bug
  for bug in "${bugs[@]}"; do
    if "$target/release/torture" --plant "$bug" --duration "${DURATION:-90}" --seed "${SEED:-1}" "$@"; then
      missed+=("$bug")
    elif [ $? -ne 1 ]; then
      echo "the run with $bug itself failed" >&2
      exit 2
    else
      echo "== $bug was found"
    fi
  done
  if [ ${#missed[@]} -gt 0 ]; then
    echo "NOT FOUND: ${missed[*]}" >&2
    exit 1
  fi
  echo "each of the ${#bugs[@]} planted bugs was found"
}

main() {
  cd "$(dirname "$0")/../.."
  target=${CARGO_TARGET_DIR:-$PWD/target}
  build
  # The endpoints of an outer system must not leak in.
  unset PARCELTRACK_KAFKA PARCELTRACK_CQL PARCELTRACK_REGISTRY
  if [ "${1:-}" = planted ]; then
    shift
    planted "$@"
  else
    exec "$target/release/torture" --duration "${DURATION:-900}" ${SEED:+--seed "$SEED"} "$@"
  fi
}

main "$@"
