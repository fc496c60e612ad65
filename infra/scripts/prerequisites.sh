#!/usr/bin/env bash
# Checks for what the build and the local stack need. As root it installs what is missing; otherwise it
# prints the command to type. Quick when everything is there.
#
#   infra/scripts/prerequisites.sh         what `make run` needs
#   infra/scripts/prerequisites.sh test    what the tests use on top: kcat, compose, a browser, Prometheus, a Python with Confluent's client
#   infra/scripts/prerequisites.sh spring  what the test with a Spring service uses on top: a Java compiler
#   infra/scripts/prerequisites.sh pictures what taking pictures uses on top of that: two small tools for PNG files
#   infra/scripts/prerequisites.sh bench   what the benches use on top: nginx, to measure the gateway beside
#   infra/scripts/prerequisites.sh torture what torture uses on top: a clock that can be set for one process
set -euo pipefail

readonly what=${1:-run}
readonly oldest_java=17 newest_java=23

missing=()       # Debian packages
explanations=()  # one line for each, for people

need() { # need PACKAGE "what for"
  missing+=("$1")
  explanations+=("  $1: $2")
}

has() { command -v "$1" >/dev/null 2>&1; }

java_major() { # of the given java: 17 for "17.0.15", 8 for "1.8.0_292"
  "$1" -version 2>&1 | sed -nE '1s/.*"(1\.)?([0-9]+).*/\2/p'
}

has_java() {
  local java major
  for java in "${JAVA_HOME:+$JAVA_HOME/bin/java}" java /usr/lib/jvm/*/bin/java; do
    if [ -z "$java" ] || ! has "$java"; then continue; fi
    major=$(java_major "$java")
    if [ "${major:-0}" -ge "$oldest_java" ] && [ "$major" -le "$newest_java" ]; then return 0; fi
  done
  return 1
}

check_for_run() {
  has_java || need openjdk-17-jre-headless "Java $oldest_java to $newest_java runs Kafka, Cassandra and the schema registry"
  has mvn || need maven "fetches them, once"
  has cc || need gcc "compiles the Kafka client"
  has c++ || need g++ "compiles the Kafka client"
  has make || need make "compiles the Kafka client"
  has cmake || need cmake "compiles the gateway's zlib"
  has pkg-config || need pkg-config "finds OpenSSL"
  [ -e /usr/include/openssl/ssl.h ] || need libssl-dev "OpenSSL, for TLS everywhere"
  [ -e /usr/include/zlib.h ] || need zlib1g-dev "compression in the Kafka client"
  has setpriv || need util-linux "ends child processes with their parent"
  has tar || need tar "unpacks the schema registry"
  has gzip || need gzip "unpacks the schema registry"
}

check_for_test() {
  has curl || need curl "the README's own commands"
  has kcat || need kcat "tests with a client that is not ours"
  has jq || need jq "the README's own commands"
  has python3 || need python3 "tests with Confluent's client in another language"
  python3 -c 'import ensurepip, venv' 2>/dev/null || need python3-venv "tests with Confluent's client in another language"
  has promtool || need prometheus "tests of rules and dashboards, and make run starts it; no service is started"
  docker compose version >/dev/null 2>&1 || has docker-compose || need docker-compose "checks docker-compose.yml; no engine needed"
  has chromium || need chromium "the pages as a browser shows them"
  has chromedriver || need chromium-driver "the pages as a browser shows them"
  [ -e /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf ] || need fonts-dejavu-core "letters for the browser, Arabic ones among them"
}

check_for_pictures() {
  has pngquant || need pngquant "makes pictures small"
  has apngasm || need apngasm "makes them move"
}

# Torture leaves a fault out that can't be inflicted, and says so; so nobody without root is sent away for it.
check_for_torture() {
  if [ "$(id -u)" -ne 0 ] || ! has apt-get; then return; fi
  ls /usr/lib/*/faketime/libfaketimeMT.so.1 >/dev/null 2>&1 || need faketime "lets the clock of one process jump"
}

# The gateway's bench is left out without it, and says so.
check_for_bench() {
  if [ "$(id -u)" -ne 0 ] || ! has apt-get; then return; fi
  [ -x /usr/sbin/nginx ] || need nginx-light "a gateway to measure ours beside; it is not started"
}

cargo_or_tell() {
  if has cargo; then return; fi
  echo "A Rust toolchain is missing. Install it with the command from https://rustup.rs, then try again." >&2
  exit 1
}

install_missing() {
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  local command="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  echo "Missing:" >&2
  printf '%s\n' "${explanations[@]}" >&2
  if ! has apt-get; then
    echo "Install these (the names are Debian's) and try again." >&2
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    printf 'Type this, then try again:\n  sudo sh -c "%s"\n' "$command" >&2
    exit 1
  fi
  echo "Installing: $command" >&2
  # Package scripts read standard input otherwise, and with it the rest of whatever called us.
  # In run level 1 no package starts what it brings.
  RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive sh -c "$command" >&2 </dev/null
}

# A virtual environment of its own: nothing of the machine's Python is touched.
python_for_tests() {
  local cache=${PARCELTRACK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/parceltrack}
  local home=$cache/python list wanted
  list=$(dirname "$0")/python-for-tests.txt
  wanted=$(cat "$list")
  if [ "$(cat "$home/installed.txt" 2>/dev/null)" = "$wanted" ]; then return; fi
  echo "fetching Confluent's Python client for the tests into $home" >&2
  rm -rf "$home"
  mkdir -p "$cache"
  if python3 -m venv "$home" && "$home/bin/pip" install --quiet --disable-pip-version-check -r "$list"; then
    printf '%s\n' "$wanted" > "$home/installed.txt"
  else
    # One test of hundreds: the others are worth running, and this one says that it was left out.
    echo "NOT TO BE HAD: Confluent's Python client; the test that reads our topics with it will be left out" >&2
    rm -rf "$home"
  fi
}

# Finds what makes a page hard to use for some. Not ours (MPL-2.0), so it stays out of the checkout.
axe_for_tests() {
  local wanted=com.deque.html.axe-core:selenium:4.11.1
  local home=${PARCELTRACK_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/parceltrack}/axe-core
  if [ "$(cat "$home/installed.txt" 2>/dev/null)" = "$wanted" ]; then return; fi
  echo "fetching axe-core for the tests into $home" >&2
  rm -rf "$home"
  mkdir -p "$home"
  if mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:2.8:copy -Dartifact="$wanted" \
      -DoutputDirectory="$home" >&2 </dev/null && python3 -m zipfile -e "$home"/*.jar "$home/all"; then
    mv "$home/all/axe.min.js" "$home"
    rm -rf "$home/all" "$home"/*.jar
    printf '%s\n' "$wanted" > "$home/installed.txt"
  else
    echo "NOT TO BE HAD: axe-core; pages will be tested without it" >&2
    rm -rf "$home"
  fi
}

cargo_or_tell
check_for_run
if [ "$what" = test ] || [ "$what" = pictures ]; then check_for_test; fi
if [ "$what" = pictures ]; then check_for_pictures; fi
if [ "$what" = spring ] && ! has javac; then need openjdk-17-jdk-headless "compiles the Spring service"; fi
if [ "$what" = bench ]; then check_for_bench; fi
if [ "$what" = torture ]; then check_for_torture; fi
install_missing
if [ "$what" = test ] || [ "$what" = pictures ]; then
  python_for_tests
  axe_for_tests
fi
