// The plain case in WebAssembly against native, and what the module weighs, for each optimisation level of the engine,
// as one table.
//
// node benches/wasm/run.mjs [CASE] [LEVEL...]     wasm-bindgen and chromium must be on PATH; wasm-opt is taken from node_modules
//
// Modules are built with the page's profile and go through wasm-opt as the page's does. All run the same number of requests
// in turn, and the best round counts. Time is the processor's, of the one thread that runs the simulation, as Linux tells
// it (`schedstat`): what else the machine does does not count, in the browser as natively.

import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const words = process.argv.slice(2);
const LEVELS = words.slice(1).length ? words.slice(1) : ['s', '2', '3'];
const CASE = words[0] ?? 'small';
// Long enough for the optimising compiler to be done, on a busy machine too.
const WARM_UP = 1_000_000;
const REQUESTS = 1_000_000;
const ROUNDS = 4;

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

// Runs in Node and in the browser. `mark` has the time taken before and after.
async function measure(glue, module, { CASE, WARM_UP, REQUESTS }, mark) {
  const { initSync, PlainCase } = await import(glue);
  initSync({ module });
  const plain = new PlainCase(CASE);
  plain.run(WARM_UP);
  await mark(0);
  const sent = plain.run(REQUESTS);
  await mark(sent);
}
const settings = { CASE, WARM_UP, REQUESTS };

/** Processor time of a process's first thread so far, in seconds. */
const cpuSeconds = (pid) => Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;

/** The process of the page: of those that render below the browser, the one that has worked most. */
function rendererOf(browser) {
  const stat = (pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
  const isBelow = (pid) => pid === browser || (pid > 1 && isBelow(Number(stat(pid)[1])));
  const renders = (pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer') && isBelow(pid);
  const ifThere = (ask) => (pid) => {
    try {
      return ask(pid);
    } catch {
      return false; // It has ended in the meantime.
    }
  };
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter(ifThere(renders));
  return pids.reduce((one, other) => (cpuSeconds(other) > cpuSeconds(one) ? other : one));
}

const inNode = (level) => {
  const [glue, module] = ['understudy_bench_wasm.js', 'understudy_bench_wasm_bg.wasm'].map((name) => join(out(level), name));
  const script = `${measure}
    import { readFileSync } from 'node:fs';
    const cpuSeconds = ${cpuSeconds};
    let start;
    const mark = (sent) => (sent ? console.log(sent / (cpuSeconds(process.pid) - start)) : (start = cpuSeconds(process.pid)));
    await measure(${JSON.stringify(pathToFileURL(glue).href)}, readFileSync(${JSON.stringify(module)}), ${JSON.stringify(settings)}, mark);`;
  return Number(run(process.execPath, '--input-type=module', '--eval', script));
};

const inBrowser = (level) =>
  new Promise((resolve, reject) => {
    const profile = join(tmpdir(), `understudy-bench-${process.pid}`);
    let browser;
    let renderer;
    let start;
    const server = createServer((request, response) => {
      if (request.url.startsWith('/mark/')) {
        const sent = Number(request.url.slice('/mark/'.length));
        if (sent === 0) {
          renderer = rendererOf(browser.pid);
          start = cpuSeconds(renderer);
          response.end();
          return;
        }
        const rate = sent / (cpuSeconds(renderer) - start);
        response.end();
        server.close();
        browser.kill();
        browser.on('exit', () => {
          rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
          resolve(rate);
        });
      } else if (request.url === '/') {
        response.setHeader('content-type', 'text/html');
        response.end(`<!doctype html><title>bench</title><script type="module">${measure}
          const module = await (await fetch('/understudy_bench_wasm_bg.wasm')).arrayBuffer();
          const mark = (sent) => fetch('/mark/' + sent);
          await measure('/understudy_bench_wasm.js', module, ${JSON.stringify(settings)}, mark);</script>`);
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
console.log(`The ${CASE} case, native: ${number(best)} requests per CPU-second\n`);
console.log('| opt-level of core and sim | in Node | of native | in Chromium | of native | bytes | under brotli |');
console.log('|---|---:|---:|---:|---:|---:|---:|');
for (const { level, size, node, browser } of rows) {
  const share = (rate) => (rate / best).toFixed(2);
  console.log(`| ${level} | ${number(node)} | ${share(node)} | ${number(browser)} | ${share(browser)} | ${number(size.raw)} | ${number(size.brotli)} |`);
}
