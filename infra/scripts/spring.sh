#!/usr/bin/env bash
# Builds a Spring Boot service by Maven, which fetches Spring once, and tests that it reads its configuration here and registers
# here, as with Spring Cloud's own servers. `make test` leaves it out: it takes minutes and a network.
set -euo pipefail

main() {
  cd "$(dirname "$0")/../.."
  local cache=${PARCELTRACK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/parceltrack}
  local target=$cache/spring-probe
  echo "building the Spring service in $target" >&2
  mvn -q -B -f infra/parceltrack/tests/spring/pom.xml -Dprobe.target="$target" package
  PT_TEST_SPRING=$target/probe.jar infra/scripts/test.sh -p parceltrack --test it spring
}

main "$@"
