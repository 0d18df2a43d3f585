// What Lighthouse says of the main pages on a phone: `make lighthouse`, or `make lighthouse ARGS="--runs 1 home cart"`.
//
// Every figure is the median of its runs. Prints a table and what to mend, keeps it in bench/results/lighthouse.json and each
// page's last report in build/lighthouse. Fails when a figure misses its target.
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chromium } from "@playwright/test";
import lighthouse, { generateReport } from "lighthouse";

const ROOT = join(import.meta.dirname, "../..");
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const SHOP = `http://localhost:${process.env.E2E_PORT ?? 8000}`;
/** Name, unit, and the least or the most that is wanted. */
const FIGURES = [
  { name: "performance", unit: "", least: 95 },
  { name: "accessibility", unit: "", least: 100 },
  { name: "best-practices", unit: "", least: 95 },
  { name: "seo", unit: "", least: 95 },
  { name: "LCP", unit: " ms", most: 2_000 },
  { name: "TBT", unit: " ms", most: 150 },
  { name: "CLS", unit: "", most: 0.02 },
];
const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];

const { values, positionals } = parseArgs({ options: { runs: { type: "string", default: "5" } }, allowPositionals: true });
const runs = Number(values.runs);

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => probe.once("listening", done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function figures(report) {
  const audit = (id) => report.audits[id].numericValue;
  const scores = CATEGORIES.map((name) => Math.round(report.categories[name].score * 100));
  return [...scores, Math.round(audit("largest-contentful-paint")), Math.round(audit("total-blocking-time")), Number(audit("cumulative-layout-shift").toFixed(3))];
}

/** The cart is somebody's own: it forbids crawlers on purpose, so whether they may come is not asked of it. */
const SKIPPED = { cart: ["is-crawlable"] };

/** What a category counts and the page fails, with the first element that does. */
function findings(report) {
  return CATEGORIES.flatMap((name) =>
    report.categories[name].auditRefs
      .map((ref) => ({ ref, audit: report.audits[ref.id] }))
      .filter(({ ref, audit }) => audit.score !== null && audit.score < (name === "performance" ? 0.9 : 1) && (ref.weight > 0 || name === "performance"))
      .map(({ audit }) => {
        const item = audit.details?.items?.[0];
        const where = item?.node?.snippet ?? item?.description ?? item?.url ?? "";
        return `${name}: ${audit.title}${audit.displayValue ? ` (${audit.displayValue})` : ""} ${String(where).slice(0, 160)}`.trim();
      }),
  );
}

/** Put two products into the cart that the browser keeps, and return the addresses of the pages. */
async function prepare(browser) {
  const found = await (await fetch(`${SHOP}/api/products/search?q=puppy+dry+food&inStock=true&limit=20`)).json();
  const products = found.filter((one) => one.kind === "simple").slice(0, 2);
  const page = await browser.newPage();
  for (const product of products) {
    await page.goto(`${SHOP}/p/${product.id}`);
    const kept = page.waitForResponse((answer) => answer.url().includes("/api/carts") && answer.request().method() !== "GET" && answer.ok());
    await page.getByRole("button", { name: "Add to cart", exact: true }).click();
    await kept;
  }
  await page.close();
  return { home: "/", category: "/c/dog-food", product: `/p/${products[0].id}`, cart: "/cart" };
}

const folder = await mkdtemp(join(tmpdir(), "kibble-lighthouse-"));
const port = await freePort();
const browser = await chromium.launchPersistentContext(folder, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [...FLAGS, `--remote-debugging-port=${port}`],
});
const results = [];
const conditions = {
  date: `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC`,
  commit: execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8" }).trim(),
  machine: `${cpus()[0].model}, ${cpus().length} cores`,
  browser: `Chromium ${browser.browser()?.version() ?? ""}`.trim(),
  form: "mobile, simulated slow 4G, CPU four times slower",
  runs,
  load_average: loadavg()[0].toFixed(1),
};
try {
  const addresses = await prepare(browser);
  const wanted = positionals.length > 0 ? positionals : Object.keys(addresses);
  await mkdir(join(ROOT, "build/lighthouse"), { recursive: true });
  for (const name of wanted) {
    if (!(name in addresses)) throw new Error(`There is no page ${name}, but ${Object.keys(addresses).join(", ")}.`);
    const seen = [];
    let report;
    for (let run = 0; run < runs; run += 1) {
      const { lhr } = await lighthouse(SHOP + addresses[name], { port, onlyCategories: CATEGORIES, skipAudits: SKIPPED[name] ?? [], logLevel: "error" });
      if (lhr.runtimeError) throw new Error(`${name}: ${lhr.runtimeError.message}`);
      report = lhr;
      seen.push(figures(lhr));
      console.error(`${name} ${run + 1} of ${runs}: ${seen.at(-1).join(" ")}`);
    }
    conditions.lighthouse = report.lighthouseVersion;
    await writeFile(join(ROOT, `build/lighthouse/${name}.html`), generateReport(report, "html"));
    results.push({
      page: name,
      figures: Object.fromEntries(FIGURES.map((figure, index) => [figure.name, median(seen.map((one) => one[index]))])),
      findings: findings(report),
    });
  }
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true });
}

const missed = ({ least, most }, value) => (least !== undefined && value < least) || (most !== undefined && value > most);
console.log(`| page | ${FIGURES.map((one) => one.name).join(" | ")} |\n|${"---|".repeat(FIGURES.length + 1)}`);
for (const { page, figures: found } of results) {
  console.log(`| ${page} | ${FIGURES.map((one) => `${found[one.name]}${one.unit}${missed(one, found[one.name]) ? " **missed**" : ""}`).join(" | ")} |`);
}
console.log(`| target | ${FIGURES.map((one) => (one.least === undefined ? `<= ${one.most}${one.unit}` : `>= ${one.least}`)).join(" | ")} |`);
for (const { page, findings: found } of results) for (const one of found) console.log(`${page}: ${one}`);
console.log(Object.entries(conditions).map(([name, value]) => `${name} ${value}`).join(", "));
const targets = Object.fromEntries(FIGURES.map(({ name, least = null, most = null }) => [name, { least, most }]));
await writeFile(join(ROOT, "bench/results/lighthouse.json"), `${JSON.stringify({ workload: "lighthouse", conditions, targets, pages: results }, null, 2)}\n`);
process.exit(results.some(({ figures: found }) => FIGURES.some((one) => missed(one, found[one.name]))) ? 1 : 0);
