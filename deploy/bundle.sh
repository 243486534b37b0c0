#!/usr/bin/env bash
# Everything that a machine without a network needs, in one folder: wheels by the lock file's hashes
# and the project's own wheel. On the other side:
#   python3 -m venv techflow && techflow/bin/pip install --no-index --find-links wheels 'techflow[platform]'
set -euo pipefail
cd "$(dirname "$0")/.."
out="${1:-dist/bundle}"
python="${PYTHON:-.venv/bin/python}"
mkdir -p "$out/wheels"
"$python" -m pip download --quiet --require-hashes --only-binary :all: \
  --dest "$out/wheels" -r deploy/requirements.lock
"$python" -m uv build --quiet --wheel --out-dir "$out/wheels"
cp LICENSE README.md deploy/requirements.lock "$out"
echo "$(ls "$out/wheels" | wc -l) wheels in $out"
