#!/usr/bin/env bash
# Takes pictures of the main pages, in a real browser before a whole system with sample data, and puts them into docs/images.
set -euo pipefail

main() {
  cd "$(dirname "$0")/../.."
  local images=$PWD/docs/images taken
  taken=$(mktemp -d "${TMPDIR:-/tmp}/parceltrack-pictures.XXXXXX")
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$taken'" EXIT
  PT_TEST_PICTURES=$taken infra/scripts/test.sh -p parceltrack --test browser pictures
  pngquant --force --strip --speed 1 --quality 60-95 --ext .png "$taken"/*.png "$taken"/moving/*.png
  # Three halves of a second for each step, and the last one longer.
  cp "$taken/moving/6.png" "$taken/moving/7.png"
  apngasm "$taken/tracking-moving.png" "$taken"/moving/*.png 3 2 >/dev/null
  mkdir -p "$images"
  cp "$taken"/*.png "$images"
  du -b "$images"/*.png
}

main "$@"
