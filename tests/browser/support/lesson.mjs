// A page of lessons by what a person sees of it.
import { expect } from "@playwright/test";

/** The figure of this name, brought into the window. */
export async function figure(page, id) {
  const found = page.locator(`#${id}`);
  await found.scrollIntoViewIfNeeded();
  await expect(found.locator(".live"), `${id} comes to life`).toBeVisible();
  return found;
}

/** The question that stands before a figure. */
export const prediction = (page, id) => page.locator(`.predict[data-figure="${id}"]`);

/** A question at the end of a lesson. */
export const check = (page, id) => page.locator(`#check-${id}`);

/** The simulated clock of a figure, in seconds. */
export async function clock(figure) {
  const [minutes, seconds] = (await figure.locator(".clock").textContent()).split(":");
  return Number(minutes) * 60 + Number(seconds);
}

/** Chooses a faster speed until there is none. */
export async function fastest(figure) {
  for (let press = 0; press < 8; press += 1) {
    await figure.getByRole("button", { name: "Faster" }).click();
  }
}

/** Counts from now on how often the page asks for a frame; call it before the page is opened. */
export async function countFrames(page) {
  await page.addInitScript(() => {
    const ask = window.requestAnimationFrame.bind(window);
    window.framesAsked = 0;
    window.requestAnimationFrame = (callback) => {
      window.framesAsked += 1;
      return ask(callback);
    };
  });
  return () => page.evaluate(() => window.framesAsked);
}

/** What the page told its window, by the events' names. */
export async function listen(page) {
  await page.addInitScript(() => {
    window.told = [];
    for (const name of ["understudy:answer", "understudy:complete"]) {
      window.addEventListener(name, (event) => window.told.push([name, event.detail]));
    }
  });
  return () => page.evaluate(() => window.told);
}
