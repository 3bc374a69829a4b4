// Breaking things: from the menu, from the inspector, from the keyboard, at random.
import { accessibilityProblems } from "./support/axe.mjs";
import { act, ended, lamp, node, openLab, past, setSpeed } from "./support/lab.mjs";
import { expect, test } from "./support/test.mjs";

const inspector = (page) => page.getByRole("complementary", { name: "Selected" });
const does = (page, name) => inspector(page).getByRole("button", { name, exact: true }).click();
const log = (page) => page.getByRole("list", { name: "Newest first" });
const undo = (page) => page.keyboard.press("Control+z");

test("each fault of a server from the inspector, with its effect and its way back", async ({ page }) => {
  await openLab(page);
  await setSpeed(page, "1× real time");
  await node(page, "web-2").click();
  await page.keyboard.press("Escape");
  await does(page, "Freeze");
  await expect(node(page, "web-2")).toHaveAccessibleName(/frozen since/);
  await does(page, "Revive");
  await expect(node(page, "web-2")).toHaveAccessibleName(/web server, up/);
  await does(page, "Slow down");
  await expect(inspector(page)).toContainText("5 times as long as usual");
  await does(page, "As fast as usual");
  await expect(inspector(page)).not.toContainText("times as long as usual");
  await does(page, "Kill mid-request");
  await expect(node(page, "web-2")).toHaveAccessibleName(/down since/);
  await expect.poll(() => ended(page, "lost")).toBeGreaterThan(0);
  await does(page, "Revive");
  await does(page, "Restart");
  await expect(log(page)).toContainText(/web-2 (stops|is stopping|stopped|started again)/);
  await does(page, "Stop");
  await expect(node(page, "web-2")).toHaveAccessibleName(/(down|stopping) since/);
  await does(page, "Revive");
  await does(page, "Cut off");
  await expect(log(page)).toContainText("the link between lb-1 and web-2 is cut");
  await does(page, "Connect again");
  await expect(log(page)).toContainText("the link between lb-1 and web-2 works again");
});

test("the keyboard breaks and mends what is selected", async ({ page }) => {
  await openLab(page);
  await node(page, "web-3").click();
  await page.keyboard.press("Escape");
  for (const [key, said] of [["h", /frozen since/], ["r", /web server, up/], ["k", /down since/], ["r", /web server, up/]]) {
    await page.keyboard.press(key);
    await expect(node(page, "web-3")).toHaveAccessibleName(said);
  }
  await page.keyboard.press("o");
  await expect(page.getByRole("switch", { name: "Burst" })).toBeChecked();
});

test("a link is cut one way, delayed and made lossy", async ({ page }) => {
  await openLab(page);
  await page.locator("#link-1").focus();
  await page.keyboard.press("Enter");
  await expect(inspector(page).getByRole("heading", { level: 2 })).toContainText("lb-1");
  await does(page, "Cut one way");
  await expect(inspector(page)).toContainText("nothing gets from lb-1 to web-1");
  await does(page, "Heal");
  await does(page, "Delay");
  await expect(inspector(page)).toContainText(/Delayed by\s*200.ms/);
  await does(page, "Lose packets");
  await expect(inspector(page)).toContainText(/Packets lost\s*20.%/);
  for (const back of ["No delay", "No loss"]) await does(page, back);
  await expect(inspector(page)).not.toContainText("Delayed by");
});

test("a surprise is a command on the timeline, and the same run has the same surprise", async ({ page }) => {
  const surprise = async () => {
    await openLab(page, "?seed=11");
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Start again" }).click();
    await page.getByRole("button", { name: "Surprise me" }).click();
    return (await log(page).getByRole("listitem").allTextContents()).join();
  };
  const first = await surprise();
  expect(first).not.toBe("");
  expect(await surprise()).toBe(first);
  await undo(page);
  await expect(log(page).getByRole("listitem")).toHaveCount(0);
});

test("the log of a node is what names it; the table tells what the stage shows", async ({ page }) => {
  await openLab(page);
  await setSpeed(page, "10×");
  await act(page, "web-1", "Kill");
  await act(page, "web-2", "Kill");
  await expect(lamp(page, "web-2")).toHaveAccessibleName("lb-1 believes web-2 down");
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByLabel("Show the log of").selectOption("web-2");
  const lines = await log(page).getByRole("listitem").allTextContents();
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.filter((line) => !line.includes("web-2"))).toEqual([]);

  await page.keyboard.press("t");
  const table = page.getByRole("table", { name: "Nodes" });
  await expect(table.getByRole("row").filter({ hasText: "web-2" })).toContainText(/down since.*lb-1: down/);
  await expect(page.getByRole("table", { name: "Links" }).getByRole("row")).toHaveCount(5);
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(table).toBeHidden();
});

test("charts read out values where the pointer is, and a click goes there", async ({ page }) => {
  await openLab(page);
  await setSpeed(page, "10×");
  await past(page, 12);
  await page.getByRole("button", { name: "Pause" }).click();
  const plot = page.getByRole("img", { name: /^Requests: answered \d+\/s, failed 0\/s$/ });
  const box = await plot.boundingBox();
  await page.mouse.move(box.x + box.width / 10, box.y + 10);
  await expect(page.locator(".cursor.hover span")).toHaveText(/^[56]\.\d.s$/);
  await page.mouse.click(box.x + box.width / 10, box.y + 10);
  await expect(page.getByRole("timer")).toHaveText(/^00:0[56]\./);
  for (const name of ["Latency", "Utilisation", "Availability so far"]) {
    await expect(page.getByRole("img", { name: new RegExp(`^${name}: `) })).toBeAttached();
  }
});

test("a dead primary is said to be down, and what it was", async ({ page }) => {
  await openLab(page, "?scene=classic-stack");
  await act(page, "db-1", "Kill");
  await expect(inspector(page).getByText("down; was primary")).toBeVisible();
  await expect(inspector(page).getByText(/takes writes/)).toHaveCount(0);
  await undo(page);
  await expect(inspector(page).getByText("primary, takes writes")).toBeVisible();
});
