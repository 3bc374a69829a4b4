#!/bin/sh
# One table: the plain case by hand, in Understudy, in NeXosim and in SimPy, side by side, in requests per CPU-second.
# Needs cargo and python3. What it builds and installs stays in this directory.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$here/../..

[ -x "$here/.venv/bin/python" ] || python3 -m venv "$here/.venv"
"$here/.venv/bin/pip" install --quiet simpy==4.1.1
(cd "$here" && cargo build --quiet --release)
(cd "$root" && cargo bench --quiet -p understudy-sim --bench table --no-run)

nexosim=${CARGO_TARGET_DIR:-$here/target}/release/understudy-compare
simpy="$here/.venv/bin/python $here/simpy_model.py"
ours=$(cd "$root" && cargo bench --quiet -p understudy-sim --bench table)

echo "| case | by hand | Understudy | share of by hand | NeXosim | times NeXosim | SimPy | times SimPy |"
echo "|---|---:|---:|---:|---:|---:|---:|---:|"
row() { # name servers rate
    set -- "$1" "$2" "$3" "$(echo "$ours" | grep "^| $1 ")"
    hand=$(echo "$4" | cut -d'|' -f3 | tr -d ' ')
    engine=$(echo "$4" | cut -d'|' -f4 | tr -d ' ')
    nexosim_rate=$("$nexosim" "$2" "$3" 300000)
    simpy_rate=$($simpy "$2" "$3" 100000)
    awk -v n="$1" -v h="$hand" -v e="$engine" -v x="$nexosim_rate" -v s="$simpy_rate" 'BEGIN {
        printf "| %s | %d | %d | %.2f | %d | %.1f | %d | %.1f |\n", n, h, e, e / h, x, e / x, s, e / s }'
}
row small 2 140
row wide 1000 70000
