// A figure in pages that other programs have built: it runs, is as high as it needs, and answers.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { serve } from "../browser/serve.mjs";

const OUT = process.env.HOSTS ?? fileURLToPath(new URL("../../target/hosts/", import.meta.url));
const BUILT = JSON.parse(readFileSync(join(OUT, "built.json"), "utf8"));
const PLACEHOLDER = "https://understudy.example/";
const TYPES = { ".css": "text/css", ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".svg": "image/svg+xml", ".woff2": "font/woff2" };

/** Serves a built host; where its sources have the placeholder, the site's address stands. */
async function host(name, site) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://host").pathname);
    const file = join(OUT, name, path.endsWith("/") ? `${path}index.html` : path);
    const bytes = await readFile(file).catch(() => undefined);
    if (!bytes) return response.writeHead(404).end();
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    const isText = /text|svg/.test(type);
    response.writeHead(200, { "content-type": type }).end(isText ? bytes.toString().replaceAll(PLACEHOLDER, site) : bytes);
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

let site;
test.beforeAll(async () => { site = await serve(); });
test.afterAll(async () => { await site.close(); });

for (const name of ["mkdocs", "mdbook", "vitepress"]) {
  test(`${name}: the figure runs, is as high as it is, and answers`, async ({ page }) => {
    test.skip(BUILT[name] !== "", BUILT[name]);
    const { url, close } = await host(name, site.url);
    await page.goto(url);
    const frame = page.frameLocator("#figure iframe");
    await expect(frame.locator("figure.living.alive")).toBeVisible({ timeout: 15_000 });
    const figure = (act) => page.evaluate(`document.getElementById("figure").${act}`);
    expect((await figure("snapshot()")).t).toBe(9);
    await figure('command("kill web-1")');
    await figure("play()");
    await expect.poll(async () => (await figure("snapshot()")).t).toBeGreaterThan(9.3);
    expect((await figure("snapshot()")).nodes.find((node) => node.name === "web-1").alive).toBe(0);
    const difference = async () =>
      (await frame.locator("body").evaluate((body) => body.offsetHeight)) -
      (await page.locator("#figure iframe").evaluate((frame) => frame.offsetHeight));
    await expect.poll(difference).toBe(0);
    await page.setViewportSize({ width: 400, height: 800 });
    await expect.poll(difference).toBe(0);
    await close();
  });
}

test("reveal.js: a figure runs while its slide is shown, and only then", async ({ page }) => {
  test.skip(BUILT.reveal !== "", BUILT.reveal);
  const { url, close } = await host("reveal", site.url);
  await page.goto(url);
  await page.waitForFunction(() => window.deck);
  const turn = (way) => page.evaluate((way) => window.deck[way](), way);
  const button = page.frameLocator("#frame").getByRole("button", { name: /^(Play|Pause)$/ });
  // A frame with `data-src` is loaded with its slide, and taken away with it.
  await turn("next");
  await expect(button).toHaveText("Pause", { timeout: 20_000 });
  await turn("next");
  await expect(page.locator("#frame")).not.toHaveAttribute("src", /./);
  // The element stays where it is: it is started and stopped.
  const state = () => page.evaluate(() => document.getElementById("element").snapshot());
  await expect.poll(async () => (await state()).playing, { timeout: 20_000 }).toBe(true);
  await expect.poll(async () => (await state()).t).toBeGreaterThan(0.3);
  expect(await page.evaluate(() => document.activeElement.localName), "the deck keeps the keyboard").not.toBe("iframe");
  await turn("next");
  await expect.poll(async () => (await state()).playing).toBe(false);
  const { t } = await state();
  await page.waitForTimeout(700);
  expect((await state()).t, "no time passes behind the other slide").toBe(t);
  await turn("prev");
  await expect.poll(async () => (await state()).playing).toBe(true);
  await expect.poll(async () => (await state()).t).toBeGreaterThan(t + 0.3);
  // And the first figure, back again, starts again.
  await turn("prev");
  await expect(button).toHaveText("Pause", { timeout: 20_000 });
  await close();
});
