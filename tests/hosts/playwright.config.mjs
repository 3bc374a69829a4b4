// As the other browser tests, with the hosts that were built.
import config from "../browser/playwright.config.mjs";

export default { ...config, testDir: "." };
