#!/bin/sh
# One table: the plain case by hand, in Understudy, in NeXosim and in SimPy, side by side, in requests per CPU-second.
#
# benches/compare/run.sh [ROUNDS]     needs cargo and python3; what it builds and installs lies in target/compare
#
# All contestants take turns, so that a busy machine slows all of them, and each one's best round counts.
set -eu
rounds=${1:-5}
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out=$root/target/compare
mkdir -p "$out"

[ -x "$out/venv/bin/python" ] || python3 -m venv "$out/venv"
"$out/venv/bin/pip" install --quiet --disable-pip-version-check simpy==4.1.1
cargo build --quiet --release --locked --manifest-path "$here/Cargo.toml" --target-dir "$out/cargo"
cd "$root"
cargo bench --quiet -p understudy-sim --bench table --no-run

rates=$out/rates
: >"$rates"
round() { # name servers rate queue_limit nexosim_requests simpy_requests
    cargo bench --quiet -p understudy-sim --bench table -- --once "$1" >>"$rates"
    echo "$1 nexosim $("$out/cargo/release/understudy-compare" "$2" "$3" "$4" "$5")" >>"$rates"
    echo "$1 simpy $("$out/venv/bin/python" "$here/simpy_model.py" "$2" "$3" "$4" "$6")" >>"$rates"
}
while [ "$rounds" -gt 0 ]; do
    round small 2 140 1000000 1000000 200000
    round wide 1000 70000 1000000 1000000 200000
    round deep 2 400 10000 1000000 400000
    rounds=$((rounds - 1))
done

awk '
    $3 > best[$1, $2] { best[$1, $2] = $3 }
    END {
        print "| case | by hand | Understudy | share of by hand | NeXosim | times NeXosim | SimPy | times SimPy |"
        print "|---|---:|---:|---:|---:|---:|---:|---:|"
        split("small wide deep", names, " ")
        for (i = 1; i <= 3; i++) {
            n = names[i]
            h = best[n, "by-hand"]; u = best[n, "understudy"]; x = best[n, "nexosim"]; s = best[n, "simpy"]
            printf "| %s | %d | %d | %.2f | %d | %.1f | %d | %.1f |\n", n, h, u, u / h, x, u / x, s, u / s
        }
    }' "$rates"
