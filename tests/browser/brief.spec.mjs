// A brief in the lab: from its lesson to the list of targets, which the audit judges as the plan changes.
import { readFile } from "node:fs/promises";
import { accessibilityProblems } from "./support/axe.mjs";
import { pressKey, tabTo } from "./support/keyboard.mjs";
import { expect, test } from "./support/test.mjs";

const DESIGN = new URL("../../lessons/briefs/designs/harbour-post.json", import.meta.url);

const brief = (page) => page.getByRole("region", { name: "Brief", exact: true });
const status = (page) => brief(page).getByRole("status");
const target = (page, words) => brief(page).getByRole("listitem").filter({ hasText: words });

/** Opens a design from a file. */
async function openDesign(page, text) {
  await page.locator('input[type="file"]').first().setInputFiles({
    name: "design.json",
    mimeType: "application/json",
    buffer: Buffer.from(text),
  });
}

test("a reader comes from the lesson, by keyboard, and is judged while the plan changes", async ({ page }) => {
  await page.goto("./your-turn.html");
  await pressKey(page, page.getByRole("link", { name: "Open the plan and this list in the lab" }));
  await expect(page).toHaveURL(/lab\.html\?brief=harbour-post/);
  await expect(status(page)).toHaveText("2 of 8 targets met");
  await expect(target(page, "single point of failure")).toContainText("firewall, lb-1, web-1 and db-1");
  await expect(target(page, "It costs at most")).toContainText("0 crowns a month");
  const plain = target(page, "plain text");
  await expect(plain).toContainText("not met");
  expect(await accessibilityProblems(page)).toEqual([]);
  // A mode is a change of the plan as well.
  const https = page.getByRole("region", { name: "Modes" }).getByLabel("HTTPS", { exact: true });
  await tabTo(page, https);
  await page.keyboard.press("Space");
  await expect(plain.locator("b")).toHaveText("met");
  await expect(status(page)).toHaveText("3 of 8 targets met");
});

test("a design that meets the brief meets every target; one that spends too much or changes the readers does not", async ({
  page,
}) => {
  await page.goto("./lab.html?brief=harbour-post");
  await expect(status(page)).toHaveText("2 of 8 targets met");
  const design = await readFile(DESIGN, "utf8");
  await openDesign(page, design);
  await expect(status(page)).toHaveText("8 of 8 targets met");
  await expect(target(page, "It costs at most")).toContainText("180 crowns a month");
  await expect(brief(page).locator("li b")).toHaveText(Array(8).fill("met"));
  expect(await accessibilityProblems(page)).toEqual([]);

  const other = JSON.parse(design);
  other.nodes.find((node) => node.name === "Readers").rate_per_s = 1;
  other.nodes.push({ ...other.nodes.find((node) => node.name === "web-2"), name: "web-3" });
  for (const lb of ["lb-1", "lb-2"]) other.links.push({ from: lb, to: "web-3", latency: "20ms" });
  for (const db of ["db-1", "db-2"]) other.links.push({ from: "web-3", to: db, latency: "20ms" });
  for (const who of ["manager", "monitor"]) other.links.push({ from: who, to: "web-3", latency: "20ms" });
  await openDesign(page, JSON.stringify(other));
  await expect(target(page, "It costs at most").locator("b")).toHaveText("not met");
  await expect(target(page, "It costs at most")).toContainText("220 crowns a month");
  await expect(target(page, "The readers are today").locator("b")).toHaveText("not met");
  await expect(status(page)).toHaveText("6 of 8 targets met");
});

test("a brief that there is not is told", async ({ page, problems }) => {
  await page.goto("./lab.html?brief=nowhere");
  await expect(page.getByText("The address has a \u201cbrief\u201d that cannot be used")).toBeVisible();
  await expect(brief(page)).toHaveCount(0);
  expect(problems.splice(0).every((problem) => problem.includes("404"))).toBe(true);
});

for (const [width, height] of [
  [1440, 900],
  [390, 844],
]) {
  test(`nothing of it is wider than a window of ${width} pixels`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await page.goto("./lab.html?brief=harbour-post");
    await expect(status(page)).toHaveText("2 of 8 targets met");
    const [inside, outside] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(inside).toBeLessThanOrEqual(outside);
  });
}
