// Where the keyboard is can be seen, at every control of the lab, in every look: WCAG 2.2, 2.4.7 and 2.4.11.
//
// Pictures decide, not style sheets: each control is photographed with and without the focus, and enough pixels have
// to differ by a contrast of 3:1.
import { act, lamp, openLab, past, setSpeed } from "./support/lab.mjs";
import { expect, test } from "./support/test.mjs";

/** More than there are places to stop at. */
const MOST_STOPS = 300;
/** Room around a control in which its ring may be. */
const AROUND = 8;

/** Photographs of one control: how many pixels of them differ by 3:1, and how long their line would be. */
async function differing(page, one, other) {
  return page.evaluate(
    async ([one, other]) => {
      const pixels = async (base64) => {
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
        context.drawImage(bitmap, 0, 0);
        return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
      };
      const luminance = (data, at) => {
        const [red, green, blue] = [0, 1, 2].map((part) => {
          const value = data[at + part] / 255;
          return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05;
      };
      const [before, after] = [await pixels(one), await pixels(other)];
      let count = 0;
      for (let at = 0; at < before.length; at += 4) {
        const [a, b] = [luminance(before, at), luminance(after, at)];
        if (Math.max(a, b) / Math.min(a, b) >= 3) count += 1;
      }
      return count;
    },
    [one, other],
  );
}

/** What has the focus: its name, the part of the window that it takes, and whether any of it can be seen. */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    // A control that is nowhere to be seen has a label that stands for it.
    const shown = element.classList.contains("unseen") ? element.closest("label") : element;
    const box = shown.getBoundingClientRect();
    const points = [];
    if (shown instanceof SVGGeometryElement) {
      for (const part of [0.2, 0.35, 0.5, 0.65, 0.8]) {
        const { x, y } = shown.getPointAtLength(shown.getTotalLength() * part).matrixTransform(shown.getScreenCTM());
        points.push([x, y]);
      }
    } else {
      for (const x of [0.1, 0.3, 0.5, 0.7, 0.9]) {
        for (const y of [0.1, 0.3, 0.5, 0.7, 0.9]) points.push([box.left + box.width * x, box.top + box.height * y]);
      }
    }
    const seen = points.filter(([x, y]) => {
      const top = document.elementFromPoint(x, y);
      return top && (shown.contains(top) || top.contains(shown));
    });
    const left = Math.max(0, box.left);
    const top = Math.max(0, box.top);
    return {
      name: element.ariaLabel ?? element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 40),
      id: element.id,
      box: { left, top, width: Math.min(innerWidth, box.right) - left, height: Math.min(innerHeight, box.bottom) - top },
      seen: seen.length / points.length,
      isLine: shown instanceof SVGGeometryElement,
    };
  });

/** Goes through all stops and answers those that are hidden or look the same without the focus. */
async function unseen(page, dark) {
  const { width, height } = page.viewportSize();
  const found = [];
  const check = async (at) => {
    if (at.seen === 0 || (!at.isLine && (at.box.width <= 0 || at.box.height <= 0))) {
      found.push(`${at.name} (${at.id}) is hidden`);
      return;
    }
    const x = Math.max(0, at.box.left - AROUND);
    const y = Math.max(0, at.box.top - AROUND);
    const clip = {
      x,
      y,
      width: Math.min(width, at.box.left + at.box.width + AROUND) - x,
      height: Math.min(height, at.box.top + at.box.height + AROUND) - y,
    };
    const picture = async () => (await page.screenshot({ clip, animations: "disabled" })).toString("base64");
    const withFocus = await picture();
    const element = await page.evaluateHandle(() => document.activeElement);
    await element.evaluate((element) => element.blur());
    const without = await picture();
    await element.evaluate((element) => element.focus());
    const count = await differing(dark, withFocus, without);
    const around = at.isLine ? Math.hypot(at.box.width, at.box.height) : at.box.width + at.box.height;
    if (count < around) found.push(`${at.name} (${at.id}): ${count} pixels differ, at least ${Math.round(around)} should`);
  };
  let stops = 0;
  for (; stops < MOST_STOPS; stops += 1) {
    await page.keyboard.press("Tab");
    const at = await focused(page);
    if (!at) break;
    await check(at);
  }
  // The stage is one stop; within it the arrows lead on.
  for (const id of ["node-1", "link-0", "link-1"]) {
    await page.locator(`#${id}`).focus();
    await check(await focused(page));
  }
  expect(stops, "the way through the page ends").toBeLessThan(MOST_STOPS);
  expect(stops, "and has many stops").toBeGreaterThan(20);
  return found;
}

const LOOKS = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  "forced colours": { forcedColors: "active" },
};

for (const [look, use] of Object.entries(LOOKS)) {
  for (const [width, height] of [[1440, 900], [390, 844]]) {
    test.describe(`${look}, ${width} x ${height}`, () => {
      test.use({ ...use, reducedMotion: "reduce", viewport: { width, height } });

      test("the focus can be seen wherever it is", async ({ page, context }) => {
        test.setTimeout(240_000);
        await openLab(page);
        await setSpeed(page, "10×");
        await page.getByRole("button", { name: "Play" }).click();
        await past(page, 1);
        await act(page, "web-2", "Kill");
        await expect(lamp(page, "web-2")).toHaveAccessibleName("lb-1 believes web-2 down");
        await page.getByRole("button", { name: "Pause" }).click();
        // The way begins at the top, and nothing stops it later.
        await page.evaluate(() => scrollTo(0, 0));
        await page.locator(".brand img").click();
        // Pictures are read where no policy forbids it.
        const reader = await context.newPage();
        await page.bringToFront();
        expect(await unseen(page, reader)).toEqual([]);
      });
    });
  }
}

test.describe("a phone", () => {
  test.use({ viewport: { width: 390, height: 844 } });

  test("what is needed seldom hangs below one button, by keyboard too", async ({ page }) => {
    await openLab(page);
    const more = page.getByRole("button", { name: "More" });
    const edit = page.getByRole("button", { name: "Edit the scenario" });
    await expect(edit).toBeHidden();
    await more.focus();
    await page.keyboard.press("Enter");
    await expect(more).toHaveAttribute("aria-expanded", "true");
    await page.keyboard.press("Tab");
    await expect(edit).toBeFocused();
    await page.keyboard.press("Escape");
    await expect(edit).toBeHidden();
    await expect(more).toBeFocused();
    await more.click();
    await page.getByRole("button", { name: "Share this moment" }).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await expect(edit, "one was chosen").toBeHidden();
  });

  test("the speed can be read", async ({ page }) => {
    await openLab(page);
    const room = await page.getByLabel("Speed").evaluate((select) => {
      const style = getComputedStyle(select);
      const context = new OffscreenCanvas(1, 1).getContext("2d");
      context.font = style.font;
      // The browser's own arrow stands beside the words.
      const arrow = 18;
      const sides = Number.parseFloat(style.paddingLeft) + Number.parseFloat(style.paddingRight);
      const words = Math.max(...[...select.options].map(({ label }) => context.measureText(label).width));
      return select.clientWidth - words - sides - arrow;
    });
    expect(room).toBeGreaterThanOrEqual(0);
  });
});

for (const [width, height] of [[390, 844], [1440, 900]]) {
  test(`the header leads back to the lessons at ${width} x ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await openLab(page);
    const link = page.getByRole("link", { name: "Lessons" });
    await expect(link).toBeInViewport();
    await link.click();
    await expect(page).toHaveURL(/\/(index\.html)?$/);
    await expect(page.getByRole("navigation", { name: "Lessons" })).toBeVisible();
  });
}
