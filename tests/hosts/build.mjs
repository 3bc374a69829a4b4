// Builds the hosts below target/hosts, each by its own program; writes which there are, and why others are not, into
// target/hosts/built.json. MDBOOK is the program of that name; empty for none.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCES = fileURLToPath(new URL(".", import.meta.url));
const ROOT = join(SOURCES, "../..");
const OUT = process.env.HOSTS ?? join(ROOT, "target/hosts");
const run = (program, args, options = {}) => execFileSync(program, args, { stdio: "pipe", ...options });

/** A directory of its own for a host's built pages. */
function place(name) {
  const out = join(OUT, name);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  return out;
}

/** A program of PyPI, in a virtual environment that is made once for each of `requirements`. */
function python(program, requirements) {
  const text = readFileSync(join(SOURCES, requirements), "utf8");
  const venv = join(OUT, "venv", requirements.split("/")[0]);
  const mark = join(venv, "installed.txt");
  if (!existsSync(mark) || readFileSync(mark, "utf8") !== text) {
    run("python3", ["-m", "venv", venv]);
    run(join(venv, "bin/pip"), ["install", "--quiet", "--requirement", join(SOURCES, requirements)]);
    writeFileSync(mark, text);
  }
  return join(venv, "bin", program);
}

const HOSTS = {
  mkdocs() {
    run(python("mkdocs", "mkdocs/requirements.txt"), ["build", "--quiet", "--strict", "--config-file", join(SOURCES, "mkdocs/mkdocs.yml"), "--site-dir", place("mkdocs")]);
  },
  mdbook() {
    if (!process.env.MDBOOK) throw new Error(process.env.MDBOOK_MISSING ?? "mdbook is not on PATH");
    run(process.env.MDBOOK, ["build", "--dest-dir", place("mdbook"), join(SOURCES, "mdbook")]);
  },
  reveal() {
    const out = place("reveal");
    cpSync(join(ROOT, "node_modules/reveal.js/dist"), join(out, "dist"), { recursive: true });
    cpSync(join(SOURCES, "reveal/index.html"), join(out, "index.html"));
  },
  vitepress() {
    const program = join(ROOT, "node_modules/vitepress/bin/vitepress.js");
    run(process.execPath, [program, "build", join(SOURCES, "vitepress"), "--outDir", place("vitepress")]);
  },
};

/** A learning record store, with somebody who may write and read there. */
HOSTS.lrs = () => {
  const out = place("lrs");
  const env = { ...process.env, RALPH_APP_DIR: out, RALPH_RUNSERVER_BACKEND: "fs" };
  const who = ["--username", "course", "--password", "secret", "--scope", "all", "--agent-ifi-mbox", "mailto:course@example.org"];
  run(python("ralph", "lrs/requirements.txt"), ["auth", ...who, "--write-to-disk"], { env, cwd: out });
};

const built = {};
for (const [name, build] of Object.entries(HOSTS)) {
  try {
    build();
    built[name] = "";
    console.log(`    ${name} is built`);
  } catch (error) {
    built[name] = String(error.stderr || error.message).trim();
    console.log(`    ${name} is skipped: ${built[name]}`);
  }
}
mkdirSync(OUT, { recursive: true });
writeFileSync(join(OUT, "built.json"), JSON.stringify(built));
