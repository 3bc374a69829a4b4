// Without a network: all pages work after the first visit, and a newer version never mixes with the one that is open.
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DIST, serve } from "./serve.mjs";
import { inDirectory } from "./support/bundle.mjs";
import { node } from "./support/lab.mjs";
import { PAGES } from "./support/pages.mjs";
import { expect, test } from "./support/test.mjs";

/** Visits the front page and waits until everything is kept. */
async function visit(context, url) {
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => navigator.serviceWorker.controller);
  return page;
}

test("after the first visit every page opens without a server", async ({ browser }) => {
  const { url, close } = await serve();
  const context = await browser.newContext({ serviceWorkers: "allow" });
  const page = await visit(context, url);
  await close();
  await expect(page.request.get(url), "the server is gone").rejects.toThrow();

  await page.goto(`${url}lab.html?scene=two-balancers`);
  await expect(node(page, "lb-2")).toBeVisible();
  for (const name of PAGES) {
    await page.goto(url + name);
    await expect(page.locator("h1, figure").first(), name).toBeAttached();
  }
  // The address of the directory means its front page.
  await page.goto(url);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await context.close();
});

test("a newer version waits until the pages of this one are closed", async ({ browser }) => {
  await inDirectory({}, async (directory) => {
    cpSync(DIST, directory, { recursive: true });
    const { url, close } = await serve(directory);
    const context = await browser.newContext({ serviceWorkers: "allow" });
    const page = await visit(context, url);
    const old = await page.title();

    const change = (name, from, to) => {
      const path = join(directory, name);
      const text = readFileSync(path, "utf8");
      expect(text).toContain(from);
      writeFileSync(path, text.replace(from, to));
    };
    change("index.html", `<title>${old.replaceAll("&", "&amp;")}</title>`, "<title>A newer one</title>");
    change("sw.js", "const VERSION = \"", "const VERSION = \"newer-");

    await page.reload();
    await expect.poll(() => page.evaluate(async () => Boolean((await navigator.serviceWorker.ready).waiting))).toBe(true);
    await page.reload();
    expect(await page.title(), "the open page stays what it is").toBe(old);
    await page.close();

    // A page that opens while the last one is still closing belongs to the old version, so each look is a new page.
    let kept;
    const look = async () => {
      const later = await context.newPage();
      await later.goto(url);
      const title = await later.title();
      kept = await later.evaluate(() => caches.keys());
      await later.close();
      return title;
    };
    await expect.poll(look, { intervals: [500, 1000], timeout: 15_000 }).toBe("A newer one");
    expect(kept, "the old files are gone").toHaveLength(1);
    await context.close();
    await close();
  });
});

test("it can be installed", async ({ page, request, site }) => {
  await page.goto("./");
  const session = await page.context().newCDPSession(page);
  const { errors, data, url } = await session.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  const manifest = JSON.parse(data);
  expect(manifest.name).toContain("Understudy");
  expect(new URL(manifest.start_url, url).href).toBe(site);
  expect(new URL(manifest.scope, url).href).toBe(site);
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // A test's window keeps nothing, which is the one thing that may be missing.
  expect(installabilityErrors.filter(({ errorId }) => errorId !== "in-incognito")).toEqual([]);

  for (const { src, sizes, type } of manifest.icons) {
    const icon = await request.get(new URL(src, url).href);
    expect(icon.headers()["content-type"], src).toBe(type);
    if (type === "image/png") {
      // Width and height stand in a PNG's first chunk.
      const bytes = await icon.body();
      expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`, src).toBe(sizes);
    }
  }
});
