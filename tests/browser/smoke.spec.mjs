// The pages arrive: from a sub-path, whole, with nobody else asked and nothing in the console.
import { openLab } from "./support/lab.mjs";
import { PAGES } from "./support/pages.mjs";
import { expect, test } from "./support/test.mjs";

test("the lab loads from a sub-path and starts", async ({ page }) => {
  const started = page.waitForResponse((response) => response.url().endsWith(".wasm"));
  await openLab(page);
  await expect(page).toHaveTitle(/Understudy/);
  expect((await started).headers()["content-type"]).toBe("application/wasm");
  await page.waitForLoadState("networkidle");
});

test("the front page does not wait for the lab", async ({ page }) => {
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto("./", { waitUntil: "networkidle" });
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const programs = asked.filter((path) => path.endsWith(".wasm"));
  expect(programs).toHaveLength(1);
  expect(programs[0]).toMatch(/explainer-[^/]*\.wasm$/);
});

for (const name of PAGES) {
  test(`${name} has a title, a heading and links that lead somewhere`, async ({ page, request }) => {
    await page.goto(`./${name}`, { waitUntil: "networkidle" });
    await expect(page).toHaveTitle(/Understudy/);
    const links = await page.locator("a[href]").evaluateAll((all) => all.map((link) => link.href));
    for (const link of new Set(links.filter((link) => link.startsWith("http")).map((link) => link.split("#")[0]))) {
      if (new URL(link).origin === new URL(page.url()).origin) {
        expect((await request.get(link)).status(), link).toBe(200);
      }
    }
  });
}
