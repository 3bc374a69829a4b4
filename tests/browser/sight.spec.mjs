// What a reader sees first, and that nothing that was seen jumps when the figures come to life.
import { clock } from "./support/lesson.mjs";
import { PAGES } from "./support/pages.mjs";
import { expect, test } from "./support/test.mjs";

const SIZES = [
  [1440, 900],
  [390, 844],
];
const LESSONS = PAGES.filter((page) => !/^(lab|embed|embed-this|teaching|glossary|course)\.html$/.test(page));

/** Adds up by how much the layout shifts; call it before the page is opened. */
async function watchShifts(page) {
  await page.addInitScript(() => {
    window.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  return () => page.evaluate(() => window.shifted);
}

for (const [width, height] of SIZES) {
  test.describe(`${width} x ${height}`, () => {
    test.use({ viewport: { width, height } });

    test("the front page has a living figure in its first window", async ({ page }) => {
      await page.goto("./");
      const stage = page.locator("figure.living").first().locator(".stage-window");
      await expect(stage).toBeInViewport({ ratio: 0.9 });
      const figured = page.locator("figure.living").first();
      const then = await clock(figured);
      await expect.poll(() => clock(figured)).toBeGreaterThan(then);
      await expect(figured.locator(".caption"), "its caption, too").toBeInViewport();
      // Requests come in crowds: the first ten seconds show one that waits.
      await expect(figured.locator(".caption")).toContainText(/wait/, { timeout: 10_000 });
    });

    for (const lesson of LESSONS) {
      test(`nothing jumps in ${lesson} while it is read`, async ({ page }) => {
        const shifted = await watchShifts(page);
        await page.goto(`./${lesson}`);
        await page.locator("html[data-alive]").waitFor({ state: "attached" });
        const end = await page.evaluate(() => document.documentElement.scrollHeight);
        for (let at = 0; at < end; at += height * 0.6) {
          await page.mouse.wheel(0, height * 0.6);
          await page.waitForTimeout(150);
        }
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
        expect(await shifted()).toBeLessThan(0.01);
      });
    }
  });
}
