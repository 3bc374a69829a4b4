// A lesson as its reader meets it: text first, then figures that wait for a prediction, questions that are answered by
// doing, progress that stays on the device.
import { accessibilityProblems } from "./support/axe.mjs";
import { node } from "./support/lab.mjs";
import { check, clock, countFrames, fastest, figure, listen, prediction } from "./support/lesson.mjs";
import { expect, test } from "./support/test.mjs";

const LESSON = "./health-checks.html";

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("text, questions, answers and pictures are all there", async ({ page, problems }) => {
    await page.goto(LESSON);
    await expect(page.getByRole("heading", { level: 1, name: "How a balancer finds out" })).toBeVisible();
    await expect(prediction(page, "one-dies").getByText("4 to 6 s", { exact: true })).toBeVisible();
    await expect(page.locator("#one-dies .still svg:visible")).toHaveCount(1);
    await expect(page.locator("#one-dies figcaption")).toContainText("web-2 dies");
    await expect(page.locator("#one-dies .live")).toHaveCount(0);
    // The browser tells that it did not fetch the program.
    expect(problems.splice(0).every((problem) => problem.endsWith("(csp)"))).toBe(true);
  });
});

test("a figure waits for a prediction, runs, and its run shows what is right", async ({ page }) => {
  const told = await listen(page);
  await page.goto(LESSON);
  const figured = await figure(page, "one-dies");
  const asked = prediction(page, "one-dies");
  await expect(figured.getByRole("button", { name: "Play" })).toBeDisabled();
  await expect(figured.getByRole("slider", { name: "Time" })).toBeDisabled();
  await expect(figured.locator(".caption")).toContainText("Answer the question first");
  await node(figured, "web-2").click();
  await expect(figured.getByRole("menu"), "nothing can be broken before").toHaveCount(0);

  await asked.getByRole("button", { name: "About 2 s" }).click();
  await expect(asked.getByRole("button", { name: "About 2 s" })).toHaveAttribute("aria-pressed", "true");
  await expect(asked.locator(".verdict:visible"), "the run has shown nothing yet").toHaveCount(0);
  await expect(figured.getByRole("button", { name: "Pause" })).toBeVisible();
  await fastest(figured);
  await expect(asked.locator(".answer.right")).toContainText("4 to 6 s");
  await expect(asked.locator(".answer.right .verdict:visible")).toHaveText("right");
  await expect(asked.locator(".answer.wrong .verdict:visible")).toHaveText("not so");
  await expect(asked.locator(".said")).toContainText("one failed check is not enough");
  await expect(figured.locator(".caption")).toContainText("found out after");
  expect(await told()).toEqual([
    ["understudy:answer", { lesson: "health-checks", question: "one-dies", right: false }],
  ]);

  // Once more, from the start.
  await asked.getByRole("button", { name: "4 to 6 s" }).click();
  await expect(asked.locator(".answer.right .verdict:visible")).toHaveText("right");
  await expect(asked.locator(".answer.wrong")).toHaveCount(0);
});

test("a check is done by doing: the reader changes a setting and breaks a server", async ({ page }) => {
  await page.goto(LESSON);
  const asked = check(page, "die-unnoticed");
  await asked.scrollIntoViewIfNeeded();
  await expect(asked.locator(".said")).toHaveText("Not yet.", { useInnerText: true });
  const figured = await figure(page, "settings");
  await figured.getByRole("radio", { name: "on", exact: true }).check();
  await expect(figured.getByRole("radio", { name: "on", exact: true })).toBeChecked();
  await fastest(figured);
  await node(figured, "web-2").click();
  await figured.getByRole("menuitem", { name: "Kill web-2" }).click();
  await asked.scrollIntoViewIfNeeded();
  await expect(asked.locator(".said")).toContainText("nobody noticed");
  await expect(asked.locator(".verdict:visible")).toHaveText("done");
});

test("progress is kept on the device, shown in the contents, and forgotten when the reader says so", async ({
  page,
}) => {
  await page.goto(LESSON);
  const asked = check(page, "longest-window");
  const link = page.locator('.contents [data-lesson="health-checks"] .done');
  await asked.scrollIntoViewIfNeeded();
  await asked.getByRole("button", { name: "5 s", exact: true }).click();
  await expect(asked.locator(".said")).toContainText("a second one is needed");
  await expect(link, "a wrong answer does not count").toHaveText("");
  await asked.getByRole("button", { name: "10 s" }).click();
  await expect(link).toHaveText("1 of 4");
  const kept = () => page.evaluate(() => localStorage.getItem("understudy-progress"));
  expect(JSON.parse(await kept())).toEqual({
    version: 1,
    lessons: { "health-checks": { questions: 4, done: ["longest-window"] } },
  });

  await page.reload();
  await expect(link).toHaveText("1 of 4");
  await page.getByRole("button", { name: "Forget my answers" }).click();
  expect(await kept(), "it is asked once more").not.toBeNull();
  await page.getByRole("button", { name: "Yes, forget them" }).click();
  await expect(link).toHaveText("");
  expect(await kept()).toBeNull();
});

for (const [what, kept, words] of [
  ["broken", "{", "cannot be read"],
  ["newer", '{"version":9}', "newer version"],
]) {
  test(`progress that is ${what} is told and not used`, async ({ page }) => {
    await page.addInitScript((kept) => localStorage.setItem("understudy-progress", kept), kept);
    await page.goto(LESSON);
    await expect(page.locator(".contents .kept")).toContainText(words);
    await figure(page, "one-dies");
  });
}

test("a word of the text lights its thing up in the figures", async ({ page }) => {
  await page.goto(LESSON);
  const figured = await figure(page, "one-dies");
  const word = page.locator('[data-thing="node:web-2"]').first();
  const card = node(figured, "web-2");
  await word.hover();
  await expect(card).toHaveAttribute("data-lit", "");
  await page.mouse.move(0, 0);
  await expect(card).not.toHaveAttribute("data-lit", "");
  await word.focus();
  await expect(card).toHaveAttribute("data-lit", "");
  await page.locator('[data-thing="kind:lamp"]').first().focus();
  await expect(card).not.toHaveAttribute("data-lit", "");
  await expect(figured.locator(".lamp[data-lit]")).toHaveCount(3);
});

test("a figure costs nothing until it is near, and nothing while it is out of sight", async ({ page }) => {
  const frames = await countFrames(page);
  await page.goto(LESSON);
  await expect(page.locator("#settings .live"), "far below the window").toHaveCount(0);
  const figured = await figure(page, "settings");
  await figured.getByRole("button", { name: "Play" }).click();
  const running = await frames();
  await expect.poll(frames, "it asks for frames while it runs").toBeGreaterThan(running + 5);
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.waitForTimeout(500);
  const [asleep, then] = [await frames(), await clock(figured)];
  await page.waitForTimeout(1_000);
  expect(await frames(), "asleep").toBe(asleep);
  expect(await clock(figured)).toBe(then);
  await figured.scrollIntoViewIfNeeded();
  await expect.poll(() => clock(figured), "it goes on where it was").toBeGreaterThan(then);
});

test("a figure can be opened in the lab as it stands, shared and embedded", async ({ page }) => {
  await page.goto(LESSON);
  const figured = await figure(page, "settings");
  await figured.getByRole("button", { name: "Kill web-2" }).click();
  await figured.getByRole("button", { name: "Pause" }).click();
  const address = await figured.getByRole("link", { name: "Open in the lab" }).getAttribute("href");
  const { searchParams } = new URL(address, page.url());
  expect(searchParams.get("scene")).toBe("three-web-servers");
  expect(searchParams.get("seed")).toBe("7");
  expect(searchParams.getAll("c").at(-1)).toMatch(/^[\d.]+s kill web-2$/);
  expect(searchParams.get("t")).toMatch(/^[\d.]+s$/);
  await figured.getByRole("button", { name: "Share" }).click();
  await expect(figured.getByLabel("Address of this moment")).toHaveValue(new URL(address, page.url()).href);
  await figured.getByRole("button", { name: "Embed" }).click();
  await expect(figured.getByLabel("Code for your page")).toHaveValue(/^<iframe src="http.*embed\.html\?scene=/);
  await figured.getByRole("button", { name: "Copy" }).click();
  await expect(figured.getByText("Copied.")).toBeVisible();
});

test.describe("reduced motion", () => {
  test.use({ contextOptions: { reducedMotion: "reduce" } });

  test("nothing starts by itself; what the reader starts is told in steps", async ({ page }) => {
    await page.goto("./one-server.html");
    const figured = await figure(page, "first-requests");
    await page.waitForTimeout(500);
    await expect(figured.getByRole("button", { name: "Play" })).toBeVisible();
    const start = await clock(figured);
    await figured.getByRole("button", { name: "Play" }).click();
    await expect.poll(() => clock(figured)).toBeGreaterThan(start);
    await expect(figured.locator(".on-the-way").first()).toBeVisible();
  });
});

test("by keyboard alone: predict, watch, break, answer", async ({ page }) => {
  await page.goto(LESSON);
  await figure(page, "one-dies");
  const asked = prediction(page, "one-dies");
  const tabTo = async (target) => {
    for (let press = 0; press < 120; press += 1) {
      // What is far below is not there before it is near.
      if ((await target.count()) && (await target.evaluate((element) => element === document.activeElement))) {
        return;
      }
      await page.keyboard.press("Tab");
    }
    throw new Error("the keyboard does not get there");
  };
  await tabTo(asked.getByRole("button", { name: "4 to 6 s" }));
  await page.keyboard.press("Enter");
  const figured = page.locator("#one-dies");
  await tabTo(node(figured, "web-3"));
  await page.keyboard.press("Enter");
  await expect(figured.getByRole("menu")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(node(figured, "web-3")).toHaveClass(/dead/);
  await expect(node(figured, "web-3"), "the focus is back").toBeFocused();
  await tabTo(figured.getByRole("button", { name: "Pause" }));
  await page.keyboard.press("Space");
  await expect(figured.getByRole("button", { name: "Play" })).toBeFocused();
  await tabTo(check(page, "longest-window").getByRole("button", { name: "10 s" }));
  await page.keyboard.press("Enter");
  await expect(check(page, "longest-window").locator(".answer.right .verdict:visible")).toHaveText("right");
});

for (const colorScheme of ["light", "dark"]) {
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ]) {
    test.describe(`${colorScheme} at ${width} x ${height}`, () => {
      test.use({ colorScheme, viewport: { width, height } });

      test("axe finds nothing, at rest, while it runs, and when it is known", async ({ page }) => {
        await page.goto(LESSON);
        const figured = await figure(page, "one-dies");
        const asked = prediction(page, "one-dies");
        expect(await accessibilityProblems(page)).toEqual([]);
        await asked.getByRole("button", { name: "About 2 s" }).click();
        await expect(figured.getByRole("button", { name: "Pause" })).toBeVisible();
        await node(figured, "web-1").click();
        expect(await accessibilityProblems(page), "with a menu open").toEqual([]);
        await page.keyboard.press("Escape");
        await fastest(figured);
        await expect(asked.locator(".answer.right")).toBeVisible();
        await figured.getByRole("button", { name: "Share" }).click();
        await check(page, "die-unnoticed").scrollIntoViewIfNeeded();
        expect(await accessibilityProblems(page), "all answered").toEqual([]);
        const [inside, outside] = await page.evaluate(() => [
          document.documentElement.scrollWidth,
          document.documentElement.clientWidth,
        ]);
        expect(inside, "nothing makes the page wider than the window").toBeLessThanOrEqual(outside);
      });
    });
  }
}
