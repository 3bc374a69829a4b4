// axe-core finds nothing, in any state that the page can be in; and it fits every window.
import { accessibilityProblems } from "./support/axe.mjs";
import { act, file, lamp, node, openLab, past, setSpeed } from "./support/lab.mjs";
import { expect, test } from "./support/test.mjs";

/** Brings the page to a state that shows most of what it can show, and stops there. */
async function busy(page) {
  await openLab(page);
  await setSpeed(page, "10×");
  await past(page, 1);
  await setSpeed(page, "1× real time");
  await act(page, "web-2", "Kill");
  // Six simulated seconds at the latest, and a large window is slow to draw without a graphics card.
  await expect(lamp(page, "web-2")).toHaveAccessibleName(/checks failed/, { timeout: 20_000 });
  await page.getByRole("button", { name: "Pause" }).click();
}

const LOOKS = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  "phone, light": { colorScheme: "light", viewport: { width: 390, height: 844 } },
  "phone, dark": { colorScheme: "dark", viewport: { width: 390, height: 844 } },
};

for (const [look, use] of Object.entries(LOOKS)) {
  test.describe(look, () => {
    test.use(use);

    test("a failover has no accessibility problems", async ({ page }) => {
      await busy(page);
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.getByRole("button", { name: "Play" }).click();
      await expect(lamp(page, "web-2")).toHaveAccessibleName("lb-1 believes web-2 down");
      await page.getByRole("button", { name: "Pause" }).click();
      expect(await accessibilityProblems(page)).toEqual([]);
    });

    test("menu, error and help have none either", async ({ page }) => {
      await openLab(page);
      await page.getByRole("button", { name: "Pause" }).click();
      await page.getByLabel("Open a scenario file").setInputFiles(file("wrong.json", "{}"));
      await expect(page.getByText("wrong.json cannot be opened")).toBeVisible();
      expect(await accessibilityProblems(page)).toEqual([]);
      await node(page, "lb-1").click();
      await expect(page.getByRole("menuitemcheckbox")).toBeVisible();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: /^Help/ }).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      expect(await accessibilityProblems(page)).toEqual([]);
    });
  });
}

for (const [width, height] of [[320, 640], [390, 844], [768, 1024], [1024, 768], [1440, 900], [3840, 2160]]) {
  test(`nothing is cut off at ${width} x ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await busy(page);
    const sideways = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(sideways, "no scrolling sideways").toBeLessThanOrEqual(0);
    const small = await page.locator("button:visible, select:visible, label.button:visible").evaluateAll((all) =>
      all
        .map((element) => ({ text: element.ariaLabel ?? element.textContent, box: element.getBoundingClientRect() }))
        .filter(({ text, box }) => !text.includes("believes") && (box.width < 24 || box.height < 24))
        .map(({ text }) => text),
    );
    expect(small, "every control is large enough to be hit").toEqual([]);
    const cut = await page.locator(".node .name, .node .role, .mark > span, .lamp .word, h1:not(.unseen), h2").evaluateAll((all) =>
      all.filter((element) => element.checkVisibility() && element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0).map((element) => element.textContent),
    );
    expect(cut, "no words are cut off").toEqual([]);
  });
}

test.describe("reduced motion", () => {
  test.use({ reducedMotion: "reduce" });

  test("waits for the reader, then tells in counts what would move", async ({ page }) => {
    await openLab(page);
    await expect(page.getByRole("button", { name: "Play" })).toBeVisible();
    await expect(page.getByText("Press play, then select web-2", { exact: false })).toBeVisible();
    const link = page.getByRole("img", { name: /^On the way from Readers to lb-1:/ });
    await expect(link).toHaveAccessibleName(/nothing$/);
    await page.getByRole("button", { name: "Play" }).click();
    await expect(link).toHaveAccessibleName(/\d requests?/);
    // Nothing moves: the layer for what moves stays empty.
    const painted = await page.locator("canvas").evaluate((canvas) =>
      canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0),
    );
    expect(painted).toBe(false);
    await page.getByRole("button", { name: "Pause" }).click();
    expect(await accessibilityProblems(page)).toEqual([]);
  });
});

test("the reader's choice of colours is kept", async ({ page }) => {
  await openLab(page);
  await page.getByRole("button", { name: /^Colours: auto/ }).click();
  await page.getByRole("button", { name: /^Colours: light/ }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.getByRole("button", { name: /^Colours: dark/ })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});
