// Time goes both ways: any instant again, one event at a time, another run from there.
import { readFile } from "node:fs/promises";
import { act, clock, ended, file, lamp, mode, node, openLab, past, setSpeed } from "./support/lab.mjs";
import { expect, test } from "./support/test.mjs";

const position = (page) => page.getByLabel("Position in the run");
const pause = (page) => page.getByRole("button", { name: "Pause" }).click();
const sent = async (page) =>
  Number((await page.getByText(/sent = .* ended/).textContent()).split(" sent")[0].replace(/\D/g, ""));
/** Everything that the page says of this instant. */
const picture = async (page) => ({
  clock: await clock(page),
  sent: await sent(page),
  refused: await ended(page, "refused"),
  nodes: await page.locator(".node").evaluateAll((all) => all.map((node) => node.ariaLabel)),
});
/** Runs for a while, kills web-2 and lets the balancer find out. */
async function failover(page) {
  await openLab(page, "?seed=5");
  await setSpeed(page, "10×");
  await past(page, 4);
  await act(page, "web-2", "Kill");
  await expect(lamp(page, "web-2")).toHaveAccessibleName("lb-1 believes web-2 down");
  await past(page, 14);
  await pause(page);
}

test("a mark leads back to its instant, and forward again to exactly what was there", async ({ page }) => {
  await failover(page);
  const end = await picture(page);
  await page.getByRole("group", { name: "Turning points" }).getByRole("button", { name: /web-2 killed/ }).click();
  await expect(node(page, "web-2")).toHaveAccessibleName(/down since/);
  await expect(lamp(page, "web-2")).toHaveAccessibleName("lb-1 believes web-2 up");
  const then = await picture(page);
  expect(then.clock).toBeLessThan(end.clock - 3);
  expect(then.sent).toBeLessThan(end.sent);
  await page.keyboard.press("End");
  await position(page).blur();
  await page.keyboard.press("End");
  await expect.poll(() => picture(page)).toEqual(end);
  await page.keyboard.press("[");
  await page.keyboard.press("[");
  await expect.poll(() => picture(page)).toEqual(then);
});

test("one event on and one back, and the slider by keyboard", async ({ page }) => {
  await openLab(page);
  await past(page, 0.3);
  await pause(page);
  const before = await picture(page);
  await page.getByRole("button", { name: /^One event on/ }).click();
  await page.keyboard.press(".");
  expect(await clock(page)).toBeGreaterThanOrEqual(before.clock);
  await page.keyboard.press(",");
  await page.getByRole("button", { name: /^One event back/ }).click();
  expect((await picture(page)).sent).toBe(before.sent);
  await position(page).focus();
  await page.keyboard.press("Home");
  await expect(page.getByRole("timer")).toHaveText("00:00.000");
  await page.keyboard.press("PageUp");
  await expect.poll(() => clock(page), "further than it was played: it is played until then").toBeGreaterThan(2);
  await expect(position(page)).toHaveAttribute("aria-valuetext", /^00:0\d\.\d+ of /);
});

test("undo takes a fault back, redo brings it again", async ({ page }) => {
  await failover(page);
  const failed = await ended(page, "refused");
  expect(failed).toBeGreaterThan(0);
  await page.keyboard.press("Control+z");
  await expect(node(page, "web-2")).toHaveAccessibleName("web-2, web server, up");
  await expect.poll(() => ended(page, "refused")).toBe(0);
  await page.keyboard.press("Control+y");
  await expect.poll(() => ended(page, "refused")).toBe(failed);
});

test("what if: a change in the past keeps the old run as a ghost, with the difference in numbers", async ({ page }) => {
  await failover(page);
  await page.keyboard.press("[");
  await page.keyboard.press("[");
  await page.keyboard.press(",");
  await mode(page, "Retry").check();
  await expect(page.getByRole("heading", { name: /^What if/ })).toBeVisible();
  await act(page, "web-2", "Kill").catch(() => {});
  await page.getByRole("button", { name: "Play" }).click();
  await past(page, 13);
  await pause(page);
  const table = page.getByRole("table", { name: "This run and the ghost" });
  const row = (name) => table.getByRole("row").filter({ hasText: name }).locator("td");
  const [here, ghost] = (await row("failed").allTextContents()).map(Number);
  expect(here).toBeLessThan(ghost);
  await expect(page.getByText(/fewer requests failed than without the change/)).toBeVisible();
  expect(await page.locator(".line.ghost.failed").getAttribute("d")).toMatch(/^M/);
  await page.getByRole("button", { name: "Forget the ghost" }).click();
  await expect(table).toBeHidden();
});

test("a run is saved and opened again at the same instant; a newer or broken file is refused and the run stays", async ({ page }) => {
  await failover(page);
  const before = await picture(page);
  const [download] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Control+s")]);
  const text = await readFile(await download.path(), "utf8");
  expect(JSON.parse(text).commands).toHaveLength(1);

  await page.getByRole("button", { name: "Start again" }).click();
  await expect(page.getByRole("timer")).toHaveText("00:00.000");
  const open = page.getByLabel("Open a scenario file");
  await open.setInputFiles(file("run.json", text));
  await expect.poll(() => picture(page)).toEqual(before);

  const alert = page.getByRole("alert").filter({ hasText: /./ });
  await open.setInputFiles(file("newer.json", text.replace('"understudy_run": 1', '"understudy_run": 7')));
  await expect(alert).toContainText("newer.json cannot be opened");
  await expect(alert).toContainText("newer Understudy");
  await open.setInputFiles(file("broken.json", text.replace("kill web-2", "kill web-9")));
  await expect(alert).toContainText("commands[0]");
  await expect(alert).toContainText('there is no node "web-9"');
  expect(await picture(page)).toEqual(before);
});
