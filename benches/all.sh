#!/bin/sh
# Every figure of docs/PERFORMANCE.md about the simulator, one after the other: ten minutes on a quiet machine of two cores.
#
# benches/all.sh     needs cargo, python3, node_modules, chromium; wasm-bindgen is looked for where the set-up puts it
#
# Growth writes docs/growth.svg; all else is printed.
set -eu
cd "$(dirname "$0")/.."
for tool in "$HOME"/.cache/understudy/tools/wasm-bindgen-cli-*/bin; do
    [ -d "$tool" ] && PATH=$PATH:$tool
done
heading() {
    printf '\n== %s (%s; load %s)\n' "$1" "$(date +%H:%M)" "$(cut -d' ' -f1 /proc/loadavg)"
}
heading 'The plain case, side by side'
benches/compare/run.sh 6
heading 'Event queues'
cargo bench --quiet -p understudy-sim --bench queues -- --warm-up-time 0.5 --measurement-time 2 2>&1 | grep -A1 'time:\|^queues'
heading 'The engine'
cargo bench --quiet -p understudy-sim --bench engine -- --warm-up-time 0.5 --measurement-time 2 2>&1 | grep -A1 'time:\|^engine'
heading 'Growth'
cargo bench --quiet -p understudy-sim --bench growth
heading 'In WebAssembly'
node benches/wasm/run.mjs small s 2
