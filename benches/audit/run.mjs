// How long an audit takes in WebAssembly, and how it grows, as one table.
//
// node benches/audit/run.mjs [--check] [LEVEL]     wasm-bindgen must be on PATH, in the version of Cargo.lock
//
// The module is built with the page's profile and goes through wasm-opt as the page's does. Times are processor time,
// the least of several tries. LEVEL is another optimisation level for the
// audit. With --check the exit code is 1 when 200 nodes take longer than is promised.

import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const SIZES = (process.env.SIZES ?? "20,200,1000,2000").split(",").map(Number);
// What 200 nodes may take, in milliseconds.
const PROMISED = { nodes: 200, singles: 50, pairs: 500 };

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const out = join(root, 'target', 'bench-audit');
const run = (program, ...args) => execFileSync(program, args, { cwd: root, stdio: 'inherit' });

// The way the page goes: index.html tells trunk the same.
const page = readFileSync(join(root, 'index.html'), 'utf8');
const [, optParams] = page.match(/data-wasm-opt-params="([^"]*)"/);
const [, optLevel] = page.match(/data-wasm-opt="([^"]*)"/);

const level = process.argv.slice(2).find((word) => !word.startsWith('-'));
const quoted = /^\d$/.test(level) ? level : JSON.stringify(level);
const config = level ? ['--config', `profile.page.package.understudy-audit.opt-level=${quoted}`] : [];
run('cargo', 'build', ...config, '--quiet', '-p', 'understudy-bench-audit', '--target', 'wasm32-unknown-unknown', '--profile', 'page');
run('wasm-bindgen', '--target', 'web', '--out-dir', out, 'target/wasm32-unknown-unknown/page/understudy_bench_audit.wasm');
const module = join(out, 'understudy_bench_audit_bg.wasm');
copyFileSync(module, join(out, 'raw.wasm'));
run(join(root, 'node_modules', 'binaryen', 'bin', 'wasm-opt'), `-O${optLevel}`, ...optParams.split(' '), join(out, 'raw.wasm'), '-o', module);

console.log(`The module weighs ${readFileSync(module).length.toLocaleString('en')} bytes.\n`);
const { initSync, Stack } = await import(pathToFileURL(join(out, 'understudy_bench_audit.js')));
initSync({ module: readFileSync(module) });

// Processor time, so that a machine that does something else too does not count.
const once = (act) => {
  const start = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
};
const least = (act, tries) => Math.min(...Array.from({ length: tries }, () => once(act)));

console.log('| nodes | single losses | pairs | 2,000 states of the availability |');
console.log('|---:|---:|---:|---:|');
let tooSlow = false;
for (const nodes of SIZES) {
  const stack = new Stack(nodes);
  const tries = nodes <= 200 ? 15 : 2;
  const singles = least(() => stack.single_losses(), tries);
  const pairs = least(() => stack.pairs(), tries);
  const availability = least(() => stack.availability(2_000), Math.min(tries, 3));
  const ms = (time) => `${time < 10 ? time.toFixed(1) : Math.round(time).toLocaleString('en')} ms`;
  console.log(`| ${nodes.toLocaleString('en')} | ${ms(singles)} | ${ms(pairs)} | ${ms(availability)} |`);
  if (nodes === PROMISED.nodes) tooSlow = singles > PROMISED.singles || pairs > PROMISED.pairs;
}
if (process.argv.includes('--check') && tooSlow) {
  console.error(`${PROMISED.nodes} nodes take longer than ${PROMISED.singles} ms (single losses) or ${PROMISED.pairs} ms (pairs)`);
  process.exit(1);
}
