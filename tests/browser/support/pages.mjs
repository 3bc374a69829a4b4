// The pages that the site has, as they were built.
import { readdirSync } from "node:fs";
import { DIST } from "../serve.mjs";

/** Their file names, `index.html` among them. */
export const PAGES = readdirSync(DIST).filter((name) => name.endsWith(".html")).sort();
