// The page's controls and readings by what a person sees of them.
import { expect } from "@playwright/test";

/** The lab's page, beside the others of the site. */
export const LAB = "./lab.html";

/** Opens the lab; `query` is what its address says after the page, `?seed=3`. */
export const openLab = (page, query = "") => page.goto(LAB + query);

/** The control of a node, by its accessible name. */
export const node = (page, name) => page.getByRole("button", { name: new RegExp(`^${name}, `) });

/** The lamp that shows what lb-1 believes of a server. */
export const lamp = (page, server) => page.getByRole("button", { name: new RegExp(`^lb-1 believes ${server} `) });

/** Chooses a speed by its words. */
export const setSpeed = (page, label) => page.getByLabel("Speed").selectOption({ label });

/** Does something to a node through its menu, with the mouse. */
export async function act(page, name, item) {
  await node(page, name).click();
  await page.getByRole("menuitem", { name: `${item} ${name}` }).click();
}

/** The control of a mode, by its words. */
export const mode = (page, name) => page.getByRole("region", { name: "Modes" }).getByLabel(name, { exact: true });

/** How many requests ended so, as the page counts them. */
export async function ended(page, outcome) {
  const count = page.locator(".count", { has: page.getByText(outcome, { exact: true }) }).locator("dd");
  return number(await count.textContent());
}

/** The pool's table: `{ "web-1": { believed, sent }, ... }`, all rows of one moment. */
export async function pool(page) {
  const table = page.getByRole("table", { name: /^Pool as lb-1 sees it/ });
  const rows = await table.locator("tbody tr").evaluateAll((all) =>
    all.map((row) => [...row.children].map((cell) => cell.textContent)),
  );
  return Object.fromEntries(rows.map(([name, believed, , sent]) => [name, { believed, sent: number(sent) }]));
}

/** The simulated clock in seconds. */
export async function clock(page) {
  const [minutes, seconds] = (await page.getByRole("timer").textContent()).split(":");
  return Number(minutes) * 60 + Number(seconds);
}

/** Waits until the simulated clock is past `seconds`. */
export const past = (page, seconds) => expect.poll(() => clock(page)).toBeGreaterThan(seconds);

/** A scenario file for the page's file input. */
export const file = (name, content) => ({
  name,
  mimeType: "application/json",
  buffer: Buffer.from(typeof content === "string" ? content : JSON.stringify(content)),
});

const number = (text) => Number(text.replace(/\D/g, ""));
