// Accessibility, as far as a program can judge it: axe-core's rules.
import AxeBuilder from "@axe-core/playwright";

/**
 * What axe finds wrong with the page as it is now, a sentence for each element.
 *
 * `expect(await accessibilityProblems(page)).toEqual([])`
 */
export async function accessibilityProblems(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => `${help} (${id}): ${target.join(" ")}`),
  );
}
