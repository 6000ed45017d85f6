# shellcheck shell=bash
# What more than one script here needs. Read with `source`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck disable=SC2034 # used by those who read this
output=$root/test-output
venv=$root/.ci/.venv

fail() {
    echo "error: $*" >&2
    exit 1
}

# Debian only; elsewhere whoever runs this installs the packages.
install_packages() {
    local sudo=()
    [ "$(id -u)" = 0 ] || sudo=(sudo)
    command -v apt-get >/dev/null || fail "please install: $*"
    "${sudo[@]}" apt-get update -qq
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# The pinned linters and fuzzer, installed again only when their list changed.
install_tools() {
    command -v npm >/dev/null || fail "Node.js 20 or later with npm is needed"
    command -v python3 >/dev/null || fail "Python 3.11 or later is needed"
    local stamp wanted
    stamp=$venv/installed
    wanted=$(cat "$root"/.ci/requirements.txt "$root"/.ci/package-lock.json | sha256sum)
    [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0
    python3 -c 'import ensurepip' 2>/dev/null || install_packages python3-venv
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --requirement "$root/.ci/requirements.txt"
    # No install scripts: none of the tools needs one.
    npm ci --prefix "$root/.ci" --ignore-scripts --no-audit --no-fund --loglevel=error
    echo "$wanted" >"$stamp"
}

# Starts `BINARY serve --demo` on a free port and waits for its ready line: sets service_pid and service_address.
start_service() {
    local binary=$1 log=$2
    SHARED_OFFICE_LISTEN=127.0.0.1:0 "$binary" serve --demo >"$log" 2>"$log.err" </dev/null &
    service_pid=$!
    local tries
    for tries in $(seq 300); do
        service_address=$(sed -n 's/.*"event":"ready".*"address":"\([^"]*\)".*/\1/p' "$log")
        [ -z "$service_address" ] || return 0
        kill -0 "$service_pid" 2>/dev/null || break
        sleep 0.2
    done
    tail -n 20 "$log.err" >&2
    fail "the service said no ready line after $tries tries"
}

stop_service() {
    [ -n "${service_pid:-}" ] || return 0
    kill "$service_pid" 2>/dev/null || true
    wait "$service_pid" 2>/dev/null || true
    service_pid=
}
