// The site to take along: an archive that works wherever it is put, and pages that open from disk.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { serve } from "./serve.mjs";
import { archived, bundled, inDirectory } from "./support/bundle.mjs";
import { act, ended, node, openLab, past, setSpeed } from "./support/lab.mjs";
import { PAGES } from "./support/pages.mjs";
import { expect, test } from "./support/test.mjs";

test("the archive has every page and works from the sub-path that it is put under", async ({ browser }) => {
  const files = archived("understudy-site.zip");
  expect(Object.keys(files)).toEqual(expect.arrayContaining([...PAGES, "sw.js"]));
  await inDirectory(files, async (directory) => {
    const { url, close } = await serve(directory, "/courses/7/files/");
    const page = await browser.newPage({ baseURL: url });
    await openLab(page);
    await expect(node(page, "web-2")).toBeVisible();
    await page.goto("./");
    await expect(page.locator("html[data-alive]")).toBeAttached();
    await page.close();
    await close();
  });
});

/** Opens one of the files from disk: what it asks of anybody, and what its policy stops, goes to `noted`. */
async function openFile(page, name) {
  const noted = [];
  const address = pathToFileURL(bundled(name)).href;
  page.on("request", (request) => {
    if (request.url() !== address && !request.url().startsWith("data:")) noted.push(`asked for ${request.url()}`);
  });
  await page.exposeFunction("noteStopped", (what) => noted.push(`stopped ${what}`));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      window.noteStopped(`${event.effectiveDirective}: ${event.blockedURI}`));
  });
  await page.goto(address);
  return noted;
}

test("the lab in one file opens from disk and runs", async ({ page }) => {
  const noted = await openFile(page, "understudy-lab.html");
  await expect(node(page, "web-2")).toBeVisible();
  await setSpeed(page, "10×");
  await past(page, 1);
  await act(page, "web-2", "Kill");
  await expect.poll(() => ended(page, "refused")).toBeGreaterThan(0);
  const picture = page.locator("header img");
  expect(await picture.evaluate((image) => image.naturalWidth), "its picture is inside").toBeGreaterThan(0);
  expect(noted).toEqual([]);
});

test("the course in one file opens from disk", async ({ page }) => {
  const noted = await openFile(page, "understudy-course.html");
  await expect(page.locator("html[data-alive]")).toBeAttached();
  await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
  const figure = page.locator("figure.living").first();
  await figure.scrollIntoViewIfNeeded();
  await expect(figure.locator("canvas"), "its first figure is alive").toBeVisible();
  // All links stay in the page, and each leads somewhere; others go out into the world.
  await expect(page.locator(".hand-out").first(), "nothing leads to the lab").toBeHidden();
  const lost = await page.locator("a[href]:not(.hand-out a, .brief > .go a)").evaluateAll((all) =>
    all
      .map((link) => link.getAttribute("href"))
      .filter((href) => (href.startsWith("#") ? !document.getElementById(href.slice(1)) : !href.startsWith("https:"))));
  expect(lost).toEqual([]);
  expect(noted).toEqual([]);
});

test("one file has no address of another", () => {
  for (const name of ["understudy-lab.html", "understudy-course.html"]) {
    const text = readFileSync(bundled(name), "utf8").replace(/<script type="application\/wasm;base64"[^]*?<\/script>/, "");
    const addresses = [...text.matchAll(/<(?:link|img|script)[^>]*?\s(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses.filter((address) => !/^(data:|#)/.test(address)), name).toEqual([]);
  }
});
