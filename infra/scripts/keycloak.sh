#!/usr/bin/env bash
# Fetches Keycloak by Maven, once, and tests tokens of it: roles, customers, and a rotation of its keys. It takes some three
# minutes, most of them Keycloak's first start, so `make test` leaves it out.
set -euo pipefail

readonly version=26.5.6

main() {
  cd "$(dirname "$0")/../.."
  local cache=${PARCELTRACK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/parceltrack}
  local home=$cache/keycloak-$version
  if [ ! -x "$home/bin/kc.sh" ]; then
    echo "fetching Keycloak $version into $home" >&2
    rm -rf "$cache/keycloak.partial"
    mkdir -p "$cache/keycloak.partial"
    mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:2.8:copy \
      -Dartifact="org.keycloak:keycloak-quarkus-dist:$version:zip" -DoutputDirectory="$cache/keycloak.partial"
    python3 -m zipfile -e "$cache/keycloak.partial/keycloak-quarkus-dist-$version.zip" "$cache/keycloak.partial"
    chmod +x "$cache/keycloak.partial/keycloak-$version"/bin/*.sh
    rm -rf "$home"
    mv "$cache/keycloak.partial/keycloak-$version" "$home"
    rm -rf "$cache/keycloak.partial"
  fi
  # It changes its own folder as it starts: each run has a copy.
  local copy
  copy=$(mktemp -d "${TMPDIR:-/tmp}/parceltrack-keycloak.XXXXXX")
  # shellcheck disable=SC2064 # the folder of now
  trap "rm -rf '$copy'" EXIT
  cp -r "$home/." "$copy"
  PT_TEST_KEYCLOAK=$copy infra/scripts/test.sh -p auth --test it keycloak
}

main "$@"
