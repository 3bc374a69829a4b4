// The keyboard alone: where a reader who has no pointer gets, and how.
import { expect } from "@playwright/test";

/** So many stops from one thing to the next are too many for anybody. */
const MOST_STOPS = 150;

/** Moves the focus to `target` with Tab, backwards where it stands before the focus. */
export async function tabTo(page, target) {
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    // What is far below is not there before it is near.
    const found = (await target.count()) ? await target.first().elementHandle() : null;
    const where = await page.evaluate((target) => {
      const active = document.activeElement;
      if (target === active) return "here";
      const preceding = target && active !== document.body;
      return preceding && active.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_PRECEDING ? "before" : "after";
    }, found);
    if (where === "here") return;
    await page.keyboard.press(where === "before" ? "Shift+Tab" : "Tab");
  }
  throw new Error(`the keyboard does not get to ${target}`);
}

/** Moves the focus to a button or link and presses it. */
export async function pressKey(page, target, key = "Enter") {
  await tabTo(page, target);
  await expect(target, "a reader sees where the focus is").toBeInViewport();
  await page.keyboard.press(key);
}

/** Chooses an option of a setting, by its words. */
export async function chooseByKey(page, figured, setting, option) {
  const group = figured.getByRole("group", { name: setting, exact: true });
  const wanted = group.getByRole("radio", { name: option, exact: true });
  await tabTo(page, group.locator(":checked"));
  const count = await group.getByRole("radio").count();
  for (let step = 0; step < count && !(await wanted.isChecked()); step += 1) {
    await page.keyboard.press("ArrowRight");
  }
  await expect(wanted).toBeChecked();
}
