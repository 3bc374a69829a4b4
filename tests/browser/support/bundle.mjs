// What was made of the site to take along: `cargo xtask bundle`.
import { unzipSync } from "fflate";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const BUNDLE = process.env.BUNDLE ?? fileURLToPath(new URL("../../../target/bundle/", import.meta.url));

/** The path of one of the files. */
export const bundled = (name) => join(BUNDLE, name);

/** The files of an archive, by name. */
export const archived = (name) => unzipSync(readFileSync(bundled(name)));

/** Gives `use` a new directory with these files in it, and takes it away again. */
export async function inDirectory(files, use) {
  const directory = mkdtempSync(join(tmpdir(), "understudy-"));
  try {
    for (const [name, bytes] of Object.entries(files)) {
      const path = join(directory, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, bytes);
    }
    return await use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
