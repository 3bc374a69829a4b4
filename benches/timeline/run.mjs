// What going back and forth in time costs in WebAssembly, as one table.
//
// node benches/timeline/run.mjs      wasm-bindgen must be on PATH, in the version of Cargo.lock
//
// Each scene runs ten simulated minutes at 1,000 requests per second. Times are processor time. Memory is what the
// module has grown by.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MINUTES = 10;
const SEEKS = 400;
const BUDGET_MS = 50;

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const out = join(root, 'target', 'bench-timeline');
const run = (program, ...args) => execFileSync(program, args, { cwd: root, stdio: 'inherit' });
run('cargo', 'build', '--quiet', '-p', 'understudy-bench-timeline', '--target', 'wasm32-unknown-unknown', '--profile', 'page');
const module = 'target/wasm32-unknown-unknown/page/understudy_bench_timeline.wasm';
run('wasm-bindgen', '--target', 'web', '--out-dir', out, module);

const sorted = (times) => [...times].sort((a, b) => a - b);
// Processor time, so that a machine that does something else too does not count.
const time = (act) => {
  const start = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
};

let tooSlow = false;
for (const scene of ['small', 'classic']) {
  // A module of its own for each scene, so that its memory starts small.
  const glue = pathToFileURL(join(out, 'understudy_bench_timeline.js'));
  const { initSync, Travel } = await import(`${glue}?${scene}`);
  const wasm = initSync({ module: readFileSync(join(out, 'understudy_bench_timeline_bg.wasm')) });
  const memory = () => wasm.memory.buffer.byteLength / 1e6;
  const before = memory();
  const travel = new Travel(readFileSync(join(root, 'benches', 'scenes', `${scene}.json`), 'utf8'), 7);
  const ran = time(() => travel.seek(MINUTES * 60_000, 0xffffffff));
  const hash = travel.trace_hash();
  const grown = memory() - before;

  let state = 1;
  const seeks = sorted(
    Array.from({ length: SEEKS }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const at = state % (MINUTES * 60_000);
      // The same work each time, but for the engine that compiles or collects meanwhile: the least counts.
      const tries = Array.from({ length: 3 }, () => {
        travel.seek(0, 0xffffffff);
        return time(() => travel.seek(at, 0xffffffff));
      });
      return Math.min(...tries);
    }),
  );
  const back = sorted(Array.from({ length: SEEKS }, () => time(() => travel.step_back())));
  travel.seek(MINUTES * 60_000, 0xffffffff);
  if (travel.trace_hash() !== hash) throw new Error(`${scene}: another run after seeking`);

  const ms = (value) => `${value.toFixed(2)} ms`;
  console.log(`${scene}`);
  console.log(`  ${MINUTES} simulated minutes   ${ms(ran)}, ${travel.answered()} requests answered`);
  console.log(`  keyframes              ${travel.keyframes()}, about ${(travel.keyframe_bytes() / travel.keyframes() / 1000).toFixed(0)} kB each, at most ${travel.replay_limit()} steps apart`);
  console.log(`  memory                 ${grown.toFixed(1)} MB after the run (${(grown / MINUTES).toFixed(2)} MB a simulated minute), ${(memory() - before).toFixed(1)} MB after seeking`);
  console.log(`  seek                   median ${ms(seeks[SEEKS / 2])}, worst ${ms(seeks[SEEKS - 1])}`);
  console.log(`  step back              median ${ms(back[SEEKS / 2])}, worst ${ms(back[SEEKS - 1])}`);
  tooSlow ||= seeks[SEEKS - 1] > BUDGET_MS;
}
if (tooSlow) {
  console.error(`a seek took more than ${BUDGET_MS} ms`);
  process.exit(1);
}
