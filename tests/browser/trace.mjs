// How smooth the page is: script time in each frame, long tasks and memory, in one table.
//
//   node tests/browser/trace.mjs [--seconds 10] [--minutes 10] [--directory dist/]
//
// Builds nothing: run `cargo xtask build` first. A frame's script time is all that ran in its animation callbacks:
// simulating, binding and drawing. It needs CHROMIUM to be the path of a Chromium, as the tests do.
import { chromium } from "@playwright/test";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { DIST, serve } from "./serve.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    minutes: { type: "string", default: "10" },
    directory: { type: "string", default: DIST },
  },
});
const seconds = Number(values.seconds);

/** Counts what runs in animation callbacks, notes long tasks, and keeps hold of the WebAssembly memory. */
function instrument() {
  window.trace = { frames: [], long: [], memory: undefined };
  const ask = window.requestAnimationFrame.bind(window);
  let frame = { at: -1, ms: 0 };
  window.requestAnimationFrame = (callback) =>
    ask((now) => {
      const start = performance.now();
      try {
        callback(now);
      } finally {
        if (frame.at !== now) {
          frame = { at: now, ms: 0 };
          window.trace.frames.push(frame);
        }
        frame.ms += performance.now() - start;
      }
    });
  new PerformanceObserver((list) => window.trace.long.push(...list.getEntries().map((entry) => entry.duration))).observe({
    type: "longtask",
  });
  for (const name of ["instantiate", "instantiateStreaming"]) {
    const original = WebAssembly[name].bind(WebAssembly);
    WebAssembly[name] = async (...args) => {
      const made = await original(...args);
      window.trace.memory = (made.instance ?? made).exports.memory;
      return made;
    };
  }
}

const server = (name, workers, ms) => ({
  kind: "web-server", name, workers, queue_limit: 1000, service_time: { constant: `${ms}ms` },
});

/** One balancer and ten servers with about `inFlight` requests under way. */
function busy(inFlight) {
  const servers = Array.from({ length: 10 }, (_, place) => `web-${place}`);
  // 150 ms there, 150 ms back, 2 x 40 ms to the server, 20 ms of work: each request is under way for 0.4 s.
  return {
    title: `${inFlight} in flight`,
    nodes: [
      { kind: "clients", name: "people", rate_per_s: inFlight / 0.4 },
      { kind: "load-balancer", name: "lb" },
      ...servers.map((name) => server(name, 5000, 20)),
    ],
    links: [
      { from: "people", to: "lb", latency: "150ms" },
      ...servers.map((to) => ({ from: "lb", to, latency: "40ms" })),
    ],
  };
}

/** A balancer and so many nodes in all, with 200 requests a second. */
function wide(count) {
  const servers = Array.from({ length: count - 2 }, (_, place) => `web-${place}`);
  return {
    title: `${count} nodes`,
    nodes: [
      { kind: "clients", name: "people", rate_per_s: 200 },
      { kind: "load-balancer", name: "lb" },
      ...servers.map((name) => server(name, 4, 20)),
    ],
    links: [{ from: "people", to: "lb", latency: "50ms" }, ...servers.map((to) => ({ from: "lb", to, latency: "20ms" }))],
  };
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

async function open(browser, url, scenario) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(instrument);
  await page.goto(url);
  await page.getByLabel("Open a scenario file").setInputFiles({
    name: "trace.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(scenario)),
  });
  await page.getByRole("heading", { level: 1, name: scenario.title }).waitFor({ state: "attached" });
  await page.getByLabel("Speed").selectOption({ label: "1× real time" });
  return { context, page };
}

async function measure(browser, url, scenario) {
  const { context, page } = await open(browser, url, scenario);
  await page.waitForTimeout(3000);
  await page.evaluate(() => {
    window.trace.frames.length = 0;
    window.trace.long.length = 0;
  });
  await page.waitForTimeout(seconds * 1000);
  const { frames, long } = await page.evaluate(() => ({
    frames: window.trace.frames.map((frame) => frame.ms),
    long: window.trace.long,
  }));
  await context.close();
  const sorted = frames.toSorted((one, other) => one - other);
  return {
    case: scenario.title,
    frames: frames.length,
    "median ms": quantile(sorted, 0.5).toFixed(2),
    "p99 ms": quantile(sorted, 0.99).toFixed(2),
    "long tasks": long.length,
    "longest ms": long.length > 0 ? Math.max(...long).toFixed(0) : "-",
  };
}

/** Memory while so many simulated minutes pass at ten times the speed. */
async function memory(browser, url, minutes) {
  const { context, page } = await open(browser, url, busy(100));
  await page.getByLabel("Speed").selectOption({ label: "10×" });
  const session = await context.newCDPSession(page);
  const rows = [];
  for (let quarter = 0; quarter <= 4; quarter += 1) {
    if (quarter > 0) await page.waitForTimeout((minutes * 60_000) / 10 / 4);
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    rows.push({
      clock: await page.getByRole("timer").textContent(),
      "JavaScript kB": Math.round(usedSize / 1024),
      "WebAssembly kB": await page.evaluate(() => Math.round((window.trace.memory?.buffer.byteLength ?? 0) / 1024)),
    });
  }
  await context.close();
  return rows;
}

const { url, close } = await serve(resolve(values.directory));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"],
});
try {
  const rows = [];
  for (const scenario of [...[100, 1000, 10_000].map(busy), ...[10, 50, 200].map(wide)]) {
    rows.push(await measure(browser, url, scenario));
  }
  console.table(rows);
  console.table(await memory(browser, url, Number(values.minutes)));
} finally {
  await browser.close();
  await close();
}
