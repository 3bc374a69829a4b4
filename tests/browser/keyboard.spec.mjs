// The keyboard alone can do all of it.
import { clock, ended, lamp, node, openLab, past, setSpeed } from "./support/lab.mjs";
import { expect, test } from "./support/test.mjs";

/** Presses Tab until the keyboard is on `target`. */
async function tabTo(page, target) {
  for (let presses = 0; presses < 150; presses += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("150 presses of Tab did not lead there");
}

test("a server is killed and revived with the keyboard alone", async ({ page }) => {
  test.slow();
  await openLab(page);
  await expect(node(page, "web-2")).toBeVisible();
  await tabTo(page, page.getByLabel("Speed"));
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowUp");
  await expect(page.getByLabel("Speed")).toHaveValue("9");

  await page.keyboard.press("Shift+Tab");
  await page.evaluate(() => document.activeElement.blur());
  await tabTo(page, node(page, "web-2"));
  await page.keyboard.press("Enter");
  const kill = page.getByRole("menuitem", { name: "Kill web-2" });
  await expect(kill).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("menuitem", { name: "Kill mid-request web-2" })).toBeFocused();
  await page.keyboard.press("End");
  await expect(page.getByRole("menuitem", { name: "Show its settings" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(kill, "arrows go round").toBeFocused();

  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toBeHidden();
  await expect(node(page, "web-2"), "the focus is back where it was").toBeFocused();

  await page.keyboard.press("Space");
  await expect(kill).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(node(page, "web-2")).toHaveAccessibleName(/down since/);
  await expect(node(page, "web-2")).toBeFocused();
  await expect(lamp(page, "web-2")).toHaveAccessibleName("lb-1 believes web-2 down");
  expect(await ended(page, "refused")).toBeGreaterThan(0);

  await page.keyboard.press("r");
  await expect(node(page, "web-2")).toHaveAccessibleName("web-2, web server, up");
});

test("single keys play, pause, kill and help, and can be switched off", async ({ page }) => {
  await openLab(page);
  await expect(page.getByRole("button", { name: "Pause" })).toBeVisible();
  await page.keyboard.press("Space");
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible();
  await page.keyboard.press("k");
  await expect(node(page, "lb-1"), "the balancer is selected at first").toHaveAccessibleName(/down since/);
  await page.keyboard.press("r");

  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "How to read this" });
  await expect(help).toBeVisible();
  await help.getByRole("switch").uncheck();
  await page.keyboard.press("Escape");
  await expect(help).toBeHidden();
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("Space");
  await page.keyboard.press("k");
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible();
  await expect(node(page, "lb-1")).toHaveAccessibleName("lb-1, load balancer, up");
});

test("time stands still while paused", async ({ page }) => {
  await openLab(page);
  await past(page, 0.2);
  await page.getByRole("button", { name: "Pause" }).click();
  const then = await clock(page);
  // Three frames of the browser, not a time that somebody guessed.
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done)))));
  expect(await clock(page)).toBe(then);
  await setSpeed(page, "100×");
  expect(await clock(page)).toBe(then);
});
