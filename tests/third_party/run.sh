#!/usr/bin/env bash
# Builds the sandbox's server, installs two public clients into a temporary folder, lets them judge it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
server=
finish() {
  [ -n "$server" ] && kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

cd "$here/../.."
cargo build -q -p guitai-sandbox
python3 -m venv "$work/python"
"$work/python/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt"
cp "$here/package.json" "$here/package-lock.json" "$here/node_client.js" "$work/"
(cd "$work" && npm ci --silent --no-audit --no-fund)

# A fresh world for each client: the wallet pays ten times a day without a password.
judge() {
  : >"$work/sandbox.json"
  cargo run -q -p guitai-sandbox -- serve --json --keys-dir "$work/keys" >"$work/sandbox.json" &
  server=$!
  until [ -s "$work/sandbox.json" ]; do
    kill -0 "$server"
    sleep 0.1
  done
  { "$@" "$work/sandbox.json" 2>&1 || echo "FAILED $(basename "$2"): it broke off"; } | tee -a "$work/results"
  kill "$server"
  wait "$server" 2>/dev/null || true
  server=
}

export REQUESTS_CA_BUNDLE="$work/keys/ca.pem" NODE_EXTRA_CA_CERTS="$work/keys/ca.pem"
judge "$work/python/bin/python" "$here/python_client.py"
judge node "$work/node_client.js"

passed=$(grep -c '^ok ' "$work/results" || true)
failed=$(grep -c '^FAILED ' "$work/results" || true)
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
