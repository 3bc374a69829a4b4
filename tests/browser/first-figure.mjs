// How long a reader waits for the first figure: over a link of 10 Mbit/s, on a processor four times slower than this one.
//
//   node tests/browser/first-figure.mjs [PAGE]
//
// Prints, from the navigation's start: when the first text is painted, when the first figure is alive and answers to a
// press, and how many bytes came over the link until then. Fails when that takes more than 1.5 s. CHROMIUM names the
// browser, as for the tests.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { brotliCompressSync, constants } from "node:zlib";
import { extname, join } from "node:path";
import { chromium } from "@playwright/test";
import { DIST } from "./serve.mjs";

const LIMIT_MS = 1_500;
const RUNS = 5;
const [page = "index.html"] = process.argv.slice(2);
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".wasm": "application/wasm", ".svg": "image/svg+xml" };

// As a good static host serves: compressed once, ahead of time.
const packed = new Map();
const server = createServer(async (request, response) => {
  const name = new URL(request.url, "http://localhost").pathname.slice(1) || "index.html";
  try {
    if (!packed.has(name)) {
      const raw = await readFile(join(DIST, name));
      const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
      packed.set(name, brotliCompressSync(raw, { params }));
    }
    const type = TYPES[extname(name)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "content-encoding": "br" }).end(packed.get(name));
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const address = `http://127.0.0.1:${server.address().port}/${page}`;

async function measure(browser) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const tab = await context.newPage();
  const session = await context.newCDPSession(tab);
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 20,
    downloadThroughput: 10_000_000 / 8,
    uploadThroughput: 10_000_000 / 8,
  });
  await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  let bytes = 0;
  session.on("Network.dataReceived", ({ encodedDataLength }) => (bytes += encodedDataLength));
  await tab.addInitScript(() => {
    // Alive, and the frame after that: what is pressed from then on is answered.
    new MutationObserver((_, observer) => {
      if (document.querySelector("figure.alive .controls")) {
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => (window.aliveAt = performance.now())));
      }
    }).observe(document, { childList: true, subtree: true, attributes: true });
  });
  await tab.goto(address, { waitUntil: "commit" });
  await tab.evaluate(() => document.querySelector("figure.living")?.scrollIntoView()).catch(() => {});
  await tab.waitForFunction(() => window.aliveAt, undefined, { polling: 50 });
  const [text, alive] = await tab.evaluate(() => [
    performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN,
    window.aliveAt,
  ]);
  await context.close();
  return { text, alive, bytes };
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
});
await measure(browser); // The first one warms the server up.
const runs = [];
for (let run = 0; run < RUNS; run += 1) {
  runs.push(await measure(browser));
}
await browser.close();
server.close();
runs.sort((one, other) => one.alive - other.alive);
const { text, alive, bytes } = runs[Math.floor(RUNS / 2)];
console.log(`${page}, 10 Mbit/s, processor slowed four times, median of ${RUNS}:`);
console.log(`  first text       ${text.toFixed(0).padStart(6)} ms`);
console.log(`  figure answers   ${alive.toFixed(0).padStart(6)} ms (at most ${LIMIT_MS}; from ${runs[0].alive.toFixed(0)} to ${runs.at(-1).alive.toFixed(0)})`);
console.log(`  transferred      ${bytes.toString().padStart(6)} bytes`);
process.exitCode = alive <= LIMIT_MS ? 0 : 1;
