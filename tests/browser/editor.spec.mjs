// The editor: a scenario changed by hand, checked with every letter, and run.
import { readFile } from "node:fs/promises";
import { accessibilityProblems } from "./support/axe.mjs";
import { clock, file, openLab, past, pool, setSpeed } from "./support/lab.mjs";
import { expect, test } from "./support/test.mjs";

const dialog = (page) => page.getByRole("dialog", { name: "Edit the scenario" });
/** A node on the editor's map. */
const spot = (page, name) => page.locator(".editor-map").getByRole("button", { name: new RegExp(`^${name}\\b`) });
/** A property in the editor's form. */
const field = (page, name) => page.getByRole("region", { name: "Properties" }).getByLabel(name, { exact: true });
const press = (page, name) => dialog(page).getByRole("button", { name, exact: true }).click();
/** The names on the map of all nodes whose names begin so, from top to bottom. */
const column = async (page, begin) => {
  const all = await page.locator(".editor-map li").evaluateAll((items) =>
    items.map((item) => [item.getBoundingClientRect().top, item.querySelector("span").textContent]),
  );
  return all.filter(([, name]) => name.startsWith(begin)).sort(([one], [other]) => one - other).map(([, name]) => name);
};
const announced = (page, words) => expect(dialog(page).getByRole("status").getByText(words).first()).toBeAttached();

async function open(page, query) {
  await openLab(page, query);
  const edit = page.getByRole("button", { name: "Edit the scenario" });
  // On phones it hangs below another button.
  if (await edit.isHidden()) await page.getByRole("button", { name: "More" }).click();
  await edit.click();
  await expect(dialog(page)).toBeVisible();
}

test("a new web server: added, named, linked, and it gets its share of the requests", async ({ page }) => {
  await open(page);
  await press(page, "Add node");
  await expect(field(page, "Name")).toBeFocused();
  await announced(page, "web-4 is added");
  await field(page, "Name").fill("web-new");
  await expect(spot(page, "web-new")).toBeVisible();
  await dialog(page).getByLabel("Link to", { exact: true }).selectOption("lb-1");
  await press(page, "Connect");
  // The balancer connects to the server, whoever was chosen first.
  await expect(page.getByRole("heading", { name: "lb-1 → web-new" })).toBeVisible();
  await expect(field(page, "Latency")).toBeFocused();
  await field(page, "Latency").fill("5ms");
  await expect(dialog(page).getByText("6 nodes and 5 links, and they make sense", { exact: false })).toBeVisible();
  await press(page, "Run this");
  await expect(dialog(page)).toBeHidden();

  await expect(page.getByRole("button", { name: "web-new, web server, up", exact: true })).toBeVisible();
  await setSpeed(page, "10×");
  await expect.poll(async () => (await pool(page))["web-new"].sent).toBeGreaterThan(20);
  const sent = Object.values(await pool(page)).map((server) => server.sent);
  expect(sent).toHaveLength(4);
  expect(Math.max(...sent) - Math.min(...sent)).toBeLessThanOrEqual(1);
  // It is not the page's scenario of that name any more.
  await expect(page.getByLabel("Scenario", { exact: true })).toContainText("One load balancer, three web servers, edited");
});

test("a service time is changed, and the simulator's latency with it", async ({ page }) => {
  await open(page);
  for (const name of ["web-1", "web-2", "web-3"]) {
    await spot(page, name).click();
    await field(page, "Service time").selectOption("constant");
    await field(page, "Service time: always").fill("2s");
    await field(page, "Workers").fill("100");
  }
  await press(page, "Run this");
  await setSpeed(page, "10×");
  await past(page, 12);
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Everything as a table (T)" }).click();
  const median = page.getByRole("dialog", { name: /^Everything/ }).getByRole("row", { name: /p50/ }).first();
  // Two seconds of work and the way there and back.
  await expect(median).toContainText(/2[.\d]*\s*s|2[,.\u202f ]?[0-3]\d\d\s*ms/);
});

test("several mistakes are said at once, each at its field, and the run goes on", async ({ page }) => {
  await openLab(page);
  await past(page, 0.5);
  await page.getByRole("button", { name: "Edit the scenario" }).click();
  const at = await clock(page);
  await spot(page, "web-1").click();
  await field(page, "Workers").fill("two");
  await field(page, "Timeout").fill("40");
  await spot(page, "lb-1").click();
  await field(page, "Health check: fall").fill("0");
  await expect(field(page, "Health check: fall")).toHaveAttribute("aria-invalid", "true");
  await expect(field(page, "Health check: fall")).toHaveAccessibleDescription(/1 to 100/);

  const wrong = page.getByRole("list", { name: "What is wrong" }).getByRole("button");
  await expect(wrong).toHaveCount(3);
  await expect(dialog(page).getByText("3 mistakes", { exact: false })).toBeVisible();
  await expect(dialog(page).getByRole("button", { name: "Run this" })).toBeDisabled();
  await expect(spot(page, "web-1")).toHaveAccessibleName(/has a mistake/);
  expect(await accessibilityProblems(page)).toEqual([]);

  await wrong.filter({ hasText: "web-1, Workers" }).click();
  await expect(field(page, "Workers")).toBeFocused();
  await expect(field(page, "Workers")).toHaveAccessibleDescription(/“two” is not a number/);
  await expect(field(page, "Timeout")).toHaveAccessibleDescription(/has no unit/);
  await field(page, "Workers").fill("3");
  await field(page, "Timeout").fill("40ms");
  await expect(wrong).toHaveCount(1);

  // Nothing of the run was lost; it stood still meanwhile and goes on now.
  await page.keyboard.press("Escape");
  await expect(dialog(page)).toBeHidden();
  await expect(page.getByRole("button", { name: "Edit the scenario" })).toBeFocused();
  await past(page, at + 0.3);
  // And what was edited is still there.
  await page.getByRole("button", { name: "Edit the scenario" }).click();
  await expect(wrong).toHaveCount(1);
  await press(page, "Discard edits");
  await expect(wrong).toHaveCount(0);
});

test("a name that is taken is not taken again, and is said", async ({ page }) => {
  await open(page);
  await spot(page, "web-2").click();
  await field(page, "Name").fill("web-1");
  await expect(field(page, "Name")).toHaveAccessibleDescription(/another node is called “web-1”/);
  await field(page, "Name").blur();
  await expect(field(page, "Name")).toHaveValue("web-2");
  await expect(field(page, "Name")).toHaveAccessibleDescription(/It is still called web-2/);
});

test("a node moves within its tier by mouse and by keyboard, and the stage keeps it there", async ({ page }) => {
  await open(page);
  expect(await column(page, "web-")).toEqual(["web-1", "web-2", "web-3"]);
  const from = await spot(page, "web-3").boundingBox();
  const to = await spot(page, "web-1").boundingBox();
  await page.mouse.move(from.x + 20, from.y + 20);
  await page.mouse.down();
  await page.mouse.move(to.x + 20, to.y + 30, { steps: 5 });
  await page.mouse.move(to.x + 20, to.y + 20);
  await page.mouse.up();
  expect(await column(page, "web-")).toEqual(["web-3", "web-1", "web-2"]);
  await announced(page, "web-3 is number 1 of 3 in its tier");

  await spot(page, "web-1").focus();
  await page.keyboard.press("Alt+ArrowDown");
  await expect(spot(page, "web-1")).toBeFocused();
  expect(await column(page, "web-")).toEqual(["web-3", "web-2", "web-1"]);
  await press(page, "Move up");
  await expect(dialog(page).getByRole("button", { name: "Move up" })).toBeFocused();
  expect(await column(page, "web-")).toEqual(["web-3", "web-1", "web-2"]);
  await press(page, "Run this");

  const tops = await Promise.all(
    ["web-3", "web-1", "web-2"].map(async (name) => (await page.getByRole("button", { name: new RegExp(`^${name}, web server`) }).boundingBox()).y),
  );
  expect(tops[0]).toBeLessThan(tops[1]);
  expect(tops[1]).toBeLessThan(tops[2]);
});

test("a removed node goes with its links; undo and redo", async ({ page }) => {
  await open(page);
  await spot(page, "web-2").click();
  await press(page, "Remove node");
  await announced(page, "web-2 is removed");
  await expect(spot(page, "web-2")).toHaveCount(0);
  await expect(dialog(page).getByText("4 nodes and 3 links", { exact: false })).toBeVisible();
  await press(page, "Undo this edit");
  await expect(dialog(page).getByText("5 nodes and 4 links", { exact: false })).toBeVisible();
  await press(page, "Redo this edit");
  await expect(spot(page, "web-2")).toHaveCount(0);
  // A link alone can go too.
  await spot(page, "lb-1").click();
  await press(page, "to web-3");
  await press(page, "Remove link");
  await press(page, "Run this");
  await expect(page.getByRole("button", { name: "web-3, web server, up", exact: true })).toBeVisible();
  expect(Object.keys(await pool(page))).toEqual(["web-1"]);
});

test("a new scenario from a template is saved, opened again and run; the run before can be had back", async ({ page }) => {
  await openLab(page);
  await setSpeed(page, "10×");
  await past(page, 3);
  await page.getByRole("button", { name: "Edit the scenario" }).click();
  await dialog(page).getByLabel("New from a template").selectOption("smallest");
  await expect(spot(page, "clients-1")).toBeVisible();
  await press(page, "Title, summary, script");
  await field(page, "Title").fill("My own");
  await spot(page, "clients-1").click();
  await field(page, "Requests per second").fill("fast");
  // What is not right yet can be saved and opened as well.
  const saving = page.waitForEvent("download");
  await press(page, "Save the scenario as a file");
  const saved = await saving;
  expect(saved.suggestedFilename()).toBe("my-own.json");
  const text = await readFile(await saved.path(), "utf8");
  expect(JSON.parse(text)).toMatchObject({ title: "My own", nodes: [{ rate_per_s: "fast" }, { name: "web-1" }] });

  await press(page, "Discard edits");
  await expect(spot(page, "lb-1")).toBeVisible();
  await dialog(page).getByLabel("Open a scenario file to edit it").setInputFiles(file("my-own.json", text));
  await announced(page, "my-own.json is open here");
  await spot(page, "clients-1").click();
  await expect(field(page, "Requests per second")).toHaveAccessibleDescription(/“fast” is not a number/);
  await field(page, "Requests per second").fill("40");
  await press(page, "Run this");
  await expect(page.getByRole("button", { name: "clients-1, clients", exact: false })).toBeVisible();
  await past(page, 5);

  await page.getByRole("button", { name: "Edit the scenario" }).click();
  await press(page, "Back to the run before");
  await expect(page.getByRole("button", { name: /^lb-1, load balancer/ })).toBeVisible();
  expect(await clock(page)).toBeGreaterThanOrEqual(3);
});

test("a file that is none is refused in words, and what is edited stays", async ({ page }) => {
  await open(page);
  await dialog(page).getByLabel("Open a scenario file to edit it").setInputFiles(file("broken.json", "{ no"));
  await expect(dialog(page).getByText(/broken\.json cannot be opened: line 1/)).toBeVisible();
  await expect(spot(page, "lb-1")).toBeVisible();
});

for (const [look, use] of Object.entries({
  "light, wide": { colorScheme: "light", viewport: { width: 1440, height: 900 } },
  "dark, laptop": { colorScheme: "dark", viewport: { width: 1024, height: 768 } },
  "light, phone": { colorScheme: "light", viewport: { width: 390, height: 844 } },
  "dark, small phone": { colorScheme: "dark", viewport: { width: 320, height: 700 } },
})) {
  test.describe(look, () => {
    test.use(use);

    test("forms and messages are accessible and fit", async ({ page }) => {
      // The stage behind the window is looked at too, and it is a large one.
      test.slow();
      await open(page, "?scene=classic-stack");
      for (const name of ["Readers", "lb-1", "monitor"]) {
        await spot(page, name).click();
        await expect(page.getByRole("heading", { level: 3, name: new RegExp(`^${name}`) })).toBeVisible();
        expect(await accessibilityProblems(page)).toEqual([]);
      }
      await press(page, "Title, summary, script");
      await field(page, "Script").fill("1s kill nobody");
      await expect(page.getByRole("list", { name: "What is wrong" })).toContainText("The scenario, Script");
      expect(await accessibilityProblems(page)).toEqual([]);
      const sideways = await dialog(page).evaluate((element) => element.scrollWidth - element.clientWidth);
      expect(sideways, "no scrolling sideways").toBeLessThanOrEqual(0);
      await expect(dialog(page).getByRole("button", { name: "Run this" })).toBeInViewport();
    });

    test("the header stands in as few rows as it can", async ({ page }) => {
      await openLab(page);
      const rows = await page.locator("header.top :is(.brand, a, button, select, label)").evaluateAll((all) => {
        const boxes = all.filter((element) => element.checkVisibility()).map((element) => element.getBoundingClientRect());
        return new Set(boxes.map((box) => Math.round((box.top + box.bottom) / 2 / 20))).size;
      });
      expect(rows).toBeLessThanOrEqual(use.viewport.width < 640 ? 2 : 1);
    });
  });
}
