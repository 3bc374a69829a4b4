// The plain case in WebAssembly against native, and what the module weighs, for each optimisation level of the engine,
// as one table.
//
// node benches/wasm/run.mjs [CASE] [LEVEL...]     wasm-bindgen and chromium must be on PATH; wasm-opt is taken from node_modules
//
// Modules are built with the page's profile and go through wasm-opt as the page's does. All run the same short stretches
// in turn, and the best stretch counts: what else the machine does makes the others longer.

import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const words = process.argv.slice(2);
const LEVELS = words.slice(1).length ? words.slice(1) : ['s', '2', '3'];
const CASE = words[0] ?? 'small';
const WARM_UP = 200_000;
const STRETCH = 50_000;
const STRETCHES = 40;
const ROUNDS = 3;

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const target = join(root, 'target');
const run = (program, ...args) => execFileSync(program, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const out = (level) => join(target, 'bench-wasm', level);

// The way the page goes: lab.html tells trunk the same.
const page = readFileSync(join(root, 'lab.html'), 'utf8');
const [, optParams] = page.match(/data-wasm-opt-params="([^"]*)"/);
const [, optLevel] = page.match(/data-wasm-opt="([^"]*)"/);

const quoted = (level) => (/^\d$/.test(level) ? level : JSON.stringify(level));
function build(level) {
  const configs = ['core', 'sim'].flatMap((name) => ['--config', `profile.page.package.understudy-${name}.opt-level=${quoted(level)}`]);
  run('cargo', 'build', '--quiet', '-p', 'understudy-bench-wasm', '--target', 'wasm32-unknown-unknown', '--profile', 'page', ...configs);
  mkdirSync(out(level), { recursive: true });
  run('wasm-bindgen', '--target', 'web', '--out-dir', out(level), join(target, 'wasm32-unknown-unknown', 'page', 'understudy_bench_wasm.wasm'));
  const module = join(out(level), 'understudy_bench_wasm_bg.wasm');
  const raw = join(out(level), 'raw.wasm');
  copyFileSync(module, raw);
  run(join(root, 'node_modules', 'binaryen', 'bin', 'wasm-opt'), `-O${optLevel}`, ...optParams.split(' '), raw, '-o', module);
  const bytes = readFileSync(module);
  const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  return { raw: bytes.length, brotli: brotliCompressSync(bytes, { params }).length };
}

// Runs in Node and in the browser.
async function measure(glue, module, { CASE, WARM_UP, STRETCH, STRETCHES }) {
  const { initSync, PlainCase } = await import(glue);
  initSync({ module });
  const plain = new PlainCase(CASE);
  plain.run(WARM_UP);
  let best = 0;
  for (let stretch = 0; stretch < STRETCHES; stretch += 1) {
    const start = performance.now();
    const sent = plain.run(STRETCH);
    best = Math.max(best, sent / ((performance.now() - start) / 1000));
  }
  return best;
}
const settings = { CASE, WARM_UP, STRETCH, STRETCHES };

const inNode = (level) => {
  const [glue, module] = ['understudy_bench_wasm.js', 'understudy_bench_wasm_bg.wasm'].map((name) => join(out(level), name));
  const script = `${measure}
    import { readFileSync } from 'node:fs';
    console.log(await measure(${JSON.stringify(pathToFileURL(glue).href)}, readFileSync(${JSON.stringify(module)}), ${JSON.stringify(settings)}));`;
  return Number(run(process.execPath, '--input-type=module', '--eval', script));
};

const inBrowser = (level) =>
  new Promise((resolve, reject) => {
    const profile = join(tmpdir(), `understudy-bench-${process.pid}`);
    let browser;
    const server = createServer((request, response) => {
      if (request.url.startsWith('/result/')) {
        response.end();
        server.close();
        browser.kill();
        browser.on('exit', () => {
          rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
          resolve(Number(request.url.slice('/result/'.length)));
        });
      } else if (request.url === '/') {
        response.setHeader('content-type', 'text/html');
        response.end(`<!doctype html><title>bench</title><script type="module">${measure}
          const module = await (await fetch('/understudy_bench_wasm_bg.wasm')).arrayBuffer();
          await fetch('/result/' + await measure('/understudy_bench_wasm.js', module, ${JSON.stringify(settings)}));</script>`);
      } else {
        const file = join(out(level), request.url);
        response.statusCode = existsSync(file) ? 200 : 404;
        response.setHeader('content-type', file.endsWith('.js') ? 'text/javascript' : 'application/wasm');
        response.end(existsSync(file) ? readFileSync(file) : '');
      }
    });
    server.listen(0, '127.0.0.1', () => {
      const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', `--user-data-dir=${profile}`];
      browser = spawn('chromium', [...flags, `http://127.0.0.1:${server.address().port}/`], { stdio: 'ignore' });
      browser.on('error', reject);
    });
  });

const native = () => {
  const line = run('cargo', 'bench', '--quiet', '-p', 'understudy-sim', '--bench', 'table', '--', '--once', CASE);
  return Number(line.match(/ understudy (\d+)/)[1]);
};

const rows = LEVELS.map((level) => ({ level, size: build(level), node: 0, browser: 0 }));
native();
let best = 0;
for (let round = 0; round < ROUNDS; round += 1) {
  best = Math.max(best, native());
  for (const row of rows) {
    row.node = Math.max(row.node, inNode(row.level));
    row.browser = Math.max(row.browser, await inBrowser(row.level));
  }
}

const number = (value) => Math.round(value).toLocaleString('en');
console.log(`The ${CASE} case, native: ${number(best)} requests a second\n`);
console.log('| opt-level of core and sim | in Node | of native | in Chromium | of native | bytes | under brotli |');
console.log('|---|---:|---:|---:|---:|---:|---:|');
for (const { level, size, node, browser } of rows) {
  const share = (rate) => (rate / best).toFixed(2);
  console.log(`| ${level} | ${number(node)} | ${share(node)} | ${number(browser)} | ${share(browser)} | ${number(size.raw)} | ${number(size.brotli)} |`);
}
