// Write NAME.br and NAME.gz beside every file of a build that compresses well, and hold the limits on transfer sizes.
//
// `node tools/compress.mjs dist/shop`: the gateway sends these files as they are, so nothing is compressed at run time.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const folder = process.argv[2];
const INITIAL_JS_LIMIT = Number(process.argv[3] ?? Infinity);
const KINDS = /\.(js|css|svg|json|webmanifest|txt)$/;
const START = /src\/boot\.ts$/;
const WORTH_IT_BYTES = 512;
const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

const sizes = new Map();
for (const name of await readdir(folder, { recursive: true })) {
  if (!KINDS.test(name) || name === "stats.json") continue;
  const content = await readFile(join(folder, name));
  if (content.length < WORTH_IT_BYTES) continue;
  const small = await brotli(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
  });
  sizes.set(name, small.length);
  await writeFile(join(folder, `${name}.br`), small);
  await writeFile(join(folder, `${name}.gz`), await zip(content, { level: 9 }));
}

/**
 * What is fetched before the application shows: of the scripts in the index page, and of the application's start, which a first script
 * fetches by itself, all that they import.
 */
async function initialScripts() {
  const index = await readFile(join(folder, "index.html"), "utf8");
  const found = new Set([...index.matchAll(/(?:src|href)="([^"]+\.js)"/g)].map((match) => match[1]));
  const stats = JSON.parse(await readFile(join(folder, "browser-stats.json"), "utf8").catch(() => '{"outputs":{}}'));
  for (const [name, output] of Object.entries(stats.outputs)) if (START.test(output.entryPoint ?? "")) found.add(name);
  for (const name of found) {
    for (const used of stats.outputs[name]?.imports ?? []) if (used.kind === "import-statement") found.add(used.path);
  }
  return [...found];
}

const total = (await initialScripts()).reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0);
console.log(`${folder}: initial JavaScript ${(total / 1000).toFixed(1)} kB in brotli`);
if (total > INITIAL_JS_LIMIT) {
  console.error(`That is more than the ${INITIAL_JS_LIMIT / 1000} kB that are allowed.`);
  process.exit(1);
}
