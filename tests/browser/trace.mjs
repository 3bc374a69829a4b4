// How smooth the page is: what each frame costs the main thread, long tasks and memory, in tables.
//
//   node tests/browser/trace.mjs [--seconds 10] [--minutes 10] [--speed "10×"] [--only frames|audit|memory] [--directory dist/]
//
// Builds nothing: run `cargo xtask build` first. It needs CHROMIUM to be the path of a Chromium, as the tests do.
//
// The figures are the browser's own trace, in time on the processor: other work on the machine makes a frame late, but
// not dear. A frame's script is its animation callbacks with all that follows from them before the browser goes on:
// simulating, binding and drawing.
import { chromium } from "@playwright/test";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { DIST, serve } from "./serve.mjs";
import { LAB } from "./support/lab.mjs";
import { longTasks, tasks, traced } from "./support/traced.mjs";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "10" },
    minutes: { type: "string", default: "10" },
    speed: { type: "string", default: "10×" },
    only: { type: "string" },
    directory: { type: "string", default: DIST },
  },
});
const seconds = Number(values.seconds);

/** Keeps hold of the WebAssembly memory. */
function instrument() {
  window.trace = { memory: undefined };
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
  await page.goto(new URL(LAB, url).href);
  await page.getByLabel("Open a scenario file").setInputFiles({
    name: "trace.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(scenario)),
  });
  await page.getByRole("heading", { level: 1, name: scenario.title }).waitFor({ state: "attached" });
  await page.getByLabel("Speed").selectOption({ label: "1× real time" });
  return { title: scenario.title, context, page };
}

async function measure({ title, context, page }) {
  await page.waitForTimeout(3000);
  const { script, main } = await traced(browser, () => page.waitForTimeout(seconds * 1000));
  await context.close();
  const sorted = script.map(({ tdur }) => tdur / 1000).toSorted((one, other) => one - other);
  const each = (name) => main.filter((event) => event.name === name).reduce((sum, { tdur }) => sum + tdur / 1000, 0) / sorted.length;
  const long = longTasks(main);
  return {
    case: title,
    frames: sorted.length,
    "median ms": quantile(sorted, 0.5).toFixed(2),
    "p99 ms": quantile(sorted, 0.99).toFixed(2),
    "style ms": each("UpdateLayoutTree").toFixed(2),
    "layout ms": each("Layout").toFixed(2),
    "paint ms": (each("PrePaint") + each("Paint") + each("Layerize")).toFixed(2),
    "long tasks": long.length,
    "longest ms": long.length > 0 ? Math.max(...long).toFixed(0) : "-",
  };
}

/** An audit from the press of its button until all is found, while the run goes on. */
async function audited({ title, context, page }) {
  await page.waitForTimeout(3000);
  const { script, main } = await traced(browser, async () => {
    await page.getByRole("button", { name: "Audit", exact: true }).first().click();
    await page.getByText(/^\d+ findings/).first().waitFor({ timeout: 120_000 });
  });
  await context.close();
  return { case: `${title}, audited`, frames: script.length, "long tasks": longTasks(main).length, "longest ms": Math.max(...tasks(main)).toFixed(1) };
}

/** Memory at each minute of the clock, at this speed, for so many of them. */
async function memory(browser, url, minutes, speed) {
  const { context, page } = await open(browser, url, busy(100));
  await page.getByLabel("Speed").selectOption({ label: speed });
  const session = await context.newCDPSession(page);
  const timer = page.getByRole("timer");
  const rows = [];
  for (let minute = 1; minute <= minutes; minute += 1) {
    const passed = (at) => document.querySelector('[role="timer"]').textContent >= at;
    await page.waitForFunction(passed, `${String(minute).padStart(2, "0")}:00`, { timeout: 0, polling: 500 });
    await session.send("HeapProfiler.collectGarbage");
    const { usedSize } = await session.send("Runtime.getHeapUsage");
    rows.push({
      clock: await timer.textContent(),
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
  const wanted = (what) => values.only === undefined || values.only === what;
  if (wanted("frames")) {
    const rows = [];
    for (const scenario of [...[100, 1000, 10_000].map(busy), ...[10, 50, 200].map(wide)]) {
      rows.push(await measure(await open(browser, url, scenario)));
    }
    console.table(rows);
  }
  if (wanted("audit")) {
    const rows = [];
    for (const count of [10, 50, 200]) rows.push(await audited(await open(browser, url, wide(count))));
    console.table(rows);
  }
  if (wanted("memory")) {
    console.table(await memory(browser, url, Number(values.minutes), values.speed));
  }
} finally {
  await browser.close();
  await close();
}
