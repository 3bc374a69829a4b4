// The whole classic stack can be read, hit with a finger and told apart, in windows of every size and in high contrast.
import { openLab, past, setSpeed } from "./support/lab.mjs";
import { expect, test } from "./support/test.mjs";

const CLASSIC = "?scene=classic-stack";

/** The smallest letters on the stage, in pixels of the screen, with the words that are so small. */
const smallest = (page) =>
  page.locator(".board").evaluate((board) => {
    const words = [...board.querySelectorAll("*")].filter((element) => {
      const own = [...element.childNodes].some(({ nodeType, data }) => nodeType === Node.TEXT_NODE && data.trim());
      return own && element.checkVisibility({ visibilityProperty: true }) && element.offsetHeight > 0;
    });
    const zoom = new DOMMatrix(getComputedStyle(board).transform).a;
    const sizes = words.map((element) => ({
      px: Number.parseFloat(getComputedStyle(element).fontSize) * zoom,
      words: element.textContent,
    }));
    return sizes.reduce((least, one) => (one.px < least.px ? one : least));
  });

for (const [width, height] of [[390, 844], [768, 1024], [1024, 768], [1440, 900], [3840, 2160]]) {
  test(`no letter on the stage is too small at ${width} x ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await openLab(page, CLASSIC);
    await past(page, 0.1);
    await expect.poll(async () => (await smallest(page)).px, "the smallest letters").toBeGreaterThan(10.4);
  });
}

for (const [width, height] of [[1024, 768], [1440, 900]]) {
  test(`all charts are seen at once at ${width} x ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await openLab(page, CLASSIC);
    const hidden = () => page.locator(".lanes").evaluate((lanes) => lanes.scrollHeight - lanes.clientHeight);
    expect(await hidden()).toBeLessThanOrEqual(0);
    await setSpeed(page, "10×");
    await past(page, 5);
    await page.getByRole("button", { name: "Pause" }).click();
    await expect(page.locator(".key").first()).toHaveText(/\d/);
    expect(await hidden(), "with values beside them").toBeLessThanOrEqual(0);
  });
}

test("an empty chart says what will be there, until it is", async ({ page }) => {
  await openLab(page, CLASSIC);
  const promises = page.locator(".promise");
  await expect(promises).toHaveCount(5);
  await expect(promises.first()).toBeVisible();
  await setSpeed(page, "10×");
  await past(page, 3);
  for (const promise of await promises.all()) await expect(promise).toBeHidden();
});

for (const [width, height] of [[390, 844], [1024, 768], [1440, 900]]) {
  test(`what can be pressed is large enough or stands alone at ${width} x ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await openLab(page, CLASSIC);
    await page.getByRole("button", { name: "Pause" }).click();
    // WCAG 2.2, target size (minimum): 24 pixels, or a circle of 24 pixels that meets no other target.
    const crowded = await page.evaluate(() => {
      const shown = (element) => element.checkVisibility() && !element.classList.contains("unseen");
      const all = [...document.querySelectorAll("button, input, select, a[href]")].filter(shown);
      const boxes = all.map((element) => ({ element, box: element.getBoundingClientRect() }));
      const meets = (x, y, { left, right, top, bottom }) =>
        Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom)) < 12;
      return boxes
        .filter(({ element, box }) => {
          const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
          const small = box.width < 23.9 || box.height < 23.9;
          return small && boxes.some((other) => other.element !== element && meets(x, y, other.box));
        })
        .map(({ element }) => element.getAttribute("aria-label") ?? element.textContent);
    });
    expect(crowded).toEqual([]);
  });
}

test.describe("high contrast", () => {
  test.use({ forcedColors: "active" });

  test("the virtual address can be read, and what is on is told from what is off", async ({ page }) => {
    await page.setViewportSize({ width: 1024, height: 768 });
    await openLab(page, CLASSIC);
    const colours = (element) => {
      const { color, backgroundColor, borderBottomColor } = getComputedStyle(element);
      return { color, backgroundColor, borderBottomColor };
    };
    const pill = await page.locator(".pill:visible").evaluate(colours);
    expect(pill.color).not.toBe(pill.backgroundColor);
    const on = await page.locator('.tabs [aria-pressed="true"]').evaluate(colours);
    const off = await page.locator('.tabs [aria-pressed="false"]').first().evaluate(colours);
    expect(on.backgroundColor).not.toBe(off.backgroundColor);
  });
});
