// An address reopens exactly the moment that was shared, and its trace hash proves it.
import { act, clock, file, LAB, mode, openLab, past } from "./support/lab.mjs";
import { expect, test } from "./support/test.mjs";

const share = async (page) => {
  await page.getByRole("button", { name: "Share this moment" }).click();
  return page.getByRole("dialog", { name: "Share this moment" });
};
const proof = (page) => page.getByRole("status").filter({ hasText: "exactly the run that was shared" });

test("a shipped scenario is shared by its name and opens at the same moment", async ({ page }) => {
  await openLab(page, "?scene=three-web-servers&seed=3&mode=active-passive&c=2s+kill+web-1&t=5s");
  await expect.poll(() => clock(page)).toBe(5);
  await act(page, "web-3", "Kill");
  await page.getByRole("button", { name: "Play" }).click();
  await past(page, 5.5);
  const dialog = await share(page);
  const address = await dialog.getByLabel("Address of this moment").inputValue();
  expect(address).toContain("scene=three-web-servers&seed=3&");
  expect(address).toContain("&c=5s+kill+web-3&");
  expect(address).toMatch(/&hash=[0-9a-f]{16}&/);
  await expect(dialog).toContainText("by its name");
  const at = await clock(page);
  await page.goto(address);
  await expect(proof(page)).toBeVisible();
  expect(await clock(page)).toBeCloseTo(at, 1);
  await expect(mode(page, "Servers are")).toHaveValue("1");
});

test("an edited scenario is packed into the address", async ({ page }) => {
  await openLab(page);
  const scenario = await (await page.request.get("./scenarios/three-web-servers.json")).json();
  await page.getByLabel("Open a scenario file").setInputFiles(file("mine.json", { ...scenario, title: "Mine & only mine" }));
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Mine & only mine");
  await act(page, "web-2", "Kill");
  await past(page, 0.3);
  const dialog = await share(page);
  const address = await dialog.getByLabel("Address of this moment").inputValue();
  expect(address).toContain("run=");
  expect(address.length).toBeLessThan(4_000);
  await expect(dialog).toContainText("the whole scenario");
  await page.goto(address);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Mine & only mine");
  await expect(proof(page)).toBeVisible();
});

test("another hash is said, and the run is shown all the same", async ({ page }) => {
  await openLab(page, "?scene=three-web-servers&t=3s&hash=0123456789abcdef");
  const alert = page.getByRole("alert").filter({ hasText: /./ });
  await expect(alert).toContainText("This is not the run that was shared");
  await expect(alert).toContainText("0123456789abcdef");
  expect(await clock(page)).toBe(3);
});

test("scenarios and figures beside the page are opened by name, and a far instant is reached without a pause", async ({ page }) => {
  await openLab(page, "?scene=open-to-the-world");
  await expect(page.getByRole("heading", { level: 1 })).not.toHaveText("One load balancer, three web servers");
  await page.goto(`${LAB}?figure=one-dies`);
  await expect.poll(() => clock(page)).toBe(9);
  await page.goto(`${LAB}?scene=classic-stack&t=120s`);
  await page.getByRole("button", { name: "Help: signs and keys" }).click();
  await expect(page.getByRole("dialog", { name: "How to read this" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect.poll(() => clock(page), { timeout: 30_000 }).toBe(120);
});
