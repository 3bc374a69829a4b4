// All lessons as a reader goes through them who has a keyboard and nothing else: predict, run, see what is right, answer
// wrong and right, and do in a figure what a check asks for.
import { chooseByKey, pressKey, tabTo } from "./support/keyboard.mjs";
import { check, clock, prediction } from "./support/lesson.mjs";
import { expect, test } from "./support/test.mjs";

/** The lessons in their order, each with what a reader does for the check that is done by doing. */
const LESSONS = [
  ["one-server", "freeze-it", [{ past: 21 }, { press: "Freeze web-1" }]],
  ["more-servers", "overload-the-last", [{ past: 24 }, { press: "Kill web-2" }]],
  ["taking-turns", "all-with-turns", [{ choose: ["Rule", "least connections"] }]],
  ["health-checks", "die-unnoticed", [{ choose: ["Retry", "on"] }, { press: "Kill web-2" }]],
  ["standby", "survive-with-three", [{ choose: ["Pool", "all work"] }]],
  [
    "balancer-pair",
    "make-two-masters",
    [
      { press: "Start lb-1 again" },
      { caption: "lb-1 has the address again" },
      { press: "Cut the line between them" },
    ],
  ],
  ["replication", "reads-survive", [{ choose: ["Reads go to", "the replicas"] }, { past: 6 }]],
  [
    "failover",
    "lose-nothing",
    [{ press: "Start again" }, { choose: ["A write is confirmed", "when one replica has it too"] }],
  ],
  ["weak-points", "end-it-without-spof", [{ press: "rack-a loses power" }]],
  ["locks-and-walls", "shut-the-door", [{ choose: ["Firewall", "on"] }, { press: "Query the database" }]],
  ["flying-blind", "ring-the-bell", [{ choose: ["Monitor", "on"] }]],
  ["your-turn", "break-a-row", [{ past: 42 }, { press: "Cut lb-1 from web-1" }]],
];

/** What a page asks and which answer is right, as somebody reads it whose browser runs no scripts. */
async function questions(page, lesson) {
  const html = await (await page.request.get(`./${lesson}.html`)).text();
  return page.evaluate((html) => {
    const text = new DOMParser().parseFromString(html, "text/html");
    return [...text.querySelectorAll(".predict, .check")].map((section) => {
      const words = (element) => element.textContent.trim().replace(/\s+/g, " ");
      const key = [...section.querySelectorAll(".key li")];
      const choice = [...section.querySelectorAll(".options li")].map((option, place) => {
        // "Not so: ", the answer, a full stop, and why.
        const [, right, said] = words(key[place]).match(/^(?:(Right)|Not so): (.*)$/);
        const answer = words(option);
        const why = said.slice(answer.replace(/\.$/, "").length + 1).trim();
        return { text: answer, right: right !== undefined, why };
      });
      return {
        predicts: section.matches(".predict"),
        id: section.id.replace("check-", "") || section.dataset.figure,
        figure: section.dataset.figure,
        choice,
        praise: choice.length ? undefined : words(section.querySelector(".key p")),
      };
    });
  }, html);
}

/** Sets the speed of a figure to ten times real time, where a run is short and nothing is missed. */
async function quicken(page, figured) {
  const speed = figured.getByRole("status", { name: "Speed" }).or(figured.locator("output"));
  for (let press = 0; press < 6 && (await speed.first().textContent()) !== "10\u00d7"; press += 1) {
    await pressKey(page, figured.getByRole("button", { name: "Faster" }));
  }
}

/** Chooses an answer and, once the page knows, sees what it says of it. */
async function answer(page, asked, choice, until = async () => {}) {
  const button = asked.getByRole("button", { name: choice.text }).filter({ hasText: choice.text });
  await pressKey(page, button.first());
  await until();
  await expect(asked.locator(".said")).toHaveText(choice.why, { timeout: 20_000 });
  await expect(asked.locator(".verdict:visible").filter({ hasText: choice.right ? "right" : "not so" })).toBeVisible();
  await expect(asked.locator(".answer.wrong")).toHaveCount(choice.right ? 0 : 1);
}

/** Does in a figure what a check asks for. */
async function doIt(page, asked, figured, steps) {
  await pressKey(page, asked.getByRole("link", { name: "Do it in the figure" }));
  await expect(figured.locator(".live")).toBeVisible();
  await quicken(page, figured);
  for (const { past, press, choose, caption } of steps) {
    if (past !== undefined) {
      const play = figured.getByRole("button", { name: "Play" });
      if (await play.count()) await pressKey(page, play);
      await expect.poll(() => clock(figured), { timeout: 20_000 }).toBeGreaterThan(past);
    }
    if (press) await pressKey(page, figured.getByRole("button", { name: press, exact: true }));
    if (choose) await chooseByKey(page, figured, ...choose);
    if (caption) await expect(figured.locator(".caption")).toContainText(caption, { timeout: 20_000 });
  }
}

for (const [place, [lesson, done, steps]] of LESSONS.entries()) {
  test(`lesson ${place + 1}, ${lesson}, by keyboard alone`, async ({ page }) => {
    test.setTimeout(120_000);
    const asks = await questions(page, lesson);
    expect(asks.filter((ask) => ask.predicts).length, "a prediction at least").toBeGreaterThan(0);
    expect(asks.filter((ask) => !ask.predicts).length, "three checks").toBe(3);
    await page.goto(`./${lesson}.html`);
    for (const ask of asks) {
      const choices = ask.choice;
      const [wrong, right] = [false, true].map((right) => choices.find((choice) => choice.right === right));
      if (ask.predicts) {
        const asked = prediction(page, ask.figure);
        const figured = page.locator(`#${ask.figure}`);
        // Each run starts by itself and at its own speed.
        const run = () => quicken(page, figured);
        await tabTo(page, asked.getByRole("button").first());
        await expect(figured.locator(".caption")).toContainText("Answer the question first");
        await answer(page, asked, wrong, run);
        await answer(page, asked, right, run);
      } else if (ask.id === done) {
        const asked = check(page, ask.id);
        await tabTo(page, asked.getByRole("link", { name: "Do it in the figure" }));
        await expect(asked.locator(".said"), "it is not done by itself").toHaveText("Not yet.", { useInnerText: true });
        await doIt(page, asked, page.locator(`#${ask.figure}`), steps);
        await expect(asked.locator(".said")).toContainText(ask.praise, { timeout: 20_000 });
        await expect(asked.locator(".verdict:visible")).toHaveText("done");
      } else {
        const asked = check(page, ask.id);
        await answer(page, asked, wrong);
        await answer(page, asked, right);
      }
    }
    await expect(page.locator(`.contents [data-lesson="${lesson}"] .done`)).toContainText("done");
  });
}
