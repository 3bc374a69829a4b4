// A static file server and nothing more: what a page needs that has to work from any sub-path.
//
//   node tests/browser/serve.mjs [DIRECTORY] [SUB-PATH]
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The built page. */
export const DIST = fileURLToPath(new URL("../../dist/", import.meta.url));
/** Deep enough that an address which leaves the sub-path is not found. */
export const SUB_PATH = "/some/sub/path/";

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
};

// For frames with `sandbox="allow-scripts"`, which have no origin of their own: docs/hosting.md.
const HEADERS = { "access-control-allow-origin": "*" };

/** Serves `directory` below `subPath` on a free port: `{ url, close }`. */
export async function serve(directory = DIST, subPath = SUB_PATH) {
  const server = createServer(async (request, response) => {
    const file = fileFor(request.url, directory, subPath);
    const found = file && (await stat(file).catch(() => undefined));
    if (!found?.isFile()) {
      response.writeHead(404, { "content-type": TYPES[".txt"] }).end(`${request.url} is not here\n`);
      return;
    }
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, "content-length": found.size, ...HEADERS });
    createReadStream(file).pipe(response);
  });
  await new Promise((listening, failed) => {
    server.once("error", failed).listen(0, "127.0.0.1", listening);
  });
  const close = () =>
    new Promise((closed) => {
      server.close(closed);
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${server.address().port}${subPath}`, close };
}

/** The file that an address means, or nothing where it is outside what is served. */
function fileFor(url, directory, subPath) {
  const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
  if (!path.startsWith(subPath)) {
    return undefined;
  }
  const inside = normalize(path.slice(subPath.length) || "index.html");
  return inside.startsWith("..") ? undefined : join(directory, inside);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [directory, subPath] = process.argv.slice(2);
  const { url } = await serve(resolve(directory ?? DIST), subPath);
  console.log(url);
}
