// What the main thread of a phone's browser does for a page: `node e2e/trace.mjs http://localhost:8000 / /cart`.
//
// Times are of the processor (`tdur`), not of the clock: a busy machine tells the same as a quiet one. For each page, from an empty
// cache and with a cart: bytes and requests, what scripts, layout and paint take, the longest tasks four times slower as Lighthouse
// counts them, and every candidate for the largest contentful paint with what was painted.
import { chromium } from "@playwright/test";

const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "v8.execute", "toplevel", "loading", "blink.user_timing"];
const SLOWER = 4;
const LONG_MS = 50;
const KINDS = { parse: ["ParseHTML"], style: ["UpdateLayoutTree"], layout: ["Layout"], compile: ["v8.compile", "v8.compileModule", "v8.produceCache"], evaluate: ["EvaluateScript", "v8.evaluateModule"], call: ["FunctionCall", "RunMicrotasks", "FireAnimationFrame", "TimerFire"] };
const [shop = "http://localhost:8000", ...paths] = process.argv.slice(2);

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });

/** Put a product into the cart of a browser that is like a phone's. */
async function visitor() {
  const context = await browser.newContext({ viewport: { width: 412, height: 823 }, deviceScaleFactor: 1.75, isMobile: true, hasTouch: true });
  const [product] = await (await context.request.get(`${shop}/api/products/search?q=puppy+dry+food&inStock=true&limit=1`)).json();
  const made = await context.request.post(`${shop}/api/carts`, { data: { items: [{ productId: product.id, quantity: 1 }] } });
  const { id } = await made.json();
  await context.addCookies([{ name: "__Host-kibble-cart", value: id, url: shop.replace("http:", "https:"), secure: true }]);
  await context.addInitScript((kept) => {
    if (!localStorage.getItem("kibble.cart")) localStorage.setItem("kibble.cart", kept);
    globalThis.painted = [];
    new PerformanceObserver((list) => {
      for (const one of list.getEntries()) {
        const where = one.element ? `${one.element.tagName.toLowerCase()}.${one.element.className} in ${one.element.closest("#first-view, kb-root")?.id || "the application"}` : "(gone)";
        globalThis.painted.push({ at: Math.round(one.startTime), size: one.size, where });
      }
    }).observe({ type: "largest-contentful-paint", buffered: true });
    globalThis.shifted = 0;
    new PerformanceObserver((list) => {
      for (const one of list.getEntries()) if (!one.hadRecentInput) globalThis.shifted += one.value;
    }).observe({ type: "layout-shift", buffered: true });
  }, JSON.stringify({ id, owner: null, changes: [] }));
  return { context, product };
}

function told(events, bytes) {
  const parsing = events.find((one) => one.name === "ParseHTML" && one.args.beginData?.url?.startsWith(shop));
  const main = events.filter((one) => one.pid === parsing.pid && one.tid === parsing.tid && one.ph === "X");
  const tasks = main.filter((one) => one.name === "RunTask").map((one) => ({ ms: (one.tdur ?? one.dur) / 1000, from: one.ts, to: one.ts + one.dur }));
  const sum = (names) => main.filter((one) => names.includes(one.name)).reduce((total, one) => total + (one.tdur ?? one.dur) / 1000, 0);
  const start = Math.min(...main.filter((one) => one.name === "ParseHTML").map((one) => one.ts));
  const long = tasks.filter((one) => one.from >= start && one.ms * SLOWER > LONG_MS);
  const inside = (task) => main.filter((one) => one.ts >= task.from && one.ts < task.to && (one.tdur ?? 0) > 1500 && !one.name.endsWith("RunTask")).map((one) => `${one.name}${one.args?.data?.url ? ` ${one.args.data.url.split("/").at(-1)}` : ""} ${(one.tdur / 1000).toFixed(0)}`).slice(0, 9).join(", ");
  return {
    ...bytes,
    tasks: tasks.reduce((total, one) => total + one.ms, 0).toFixed(0),
    ...Object.fromEntries(Object.entries(KINDS).map(([kind, names]) => [kind, sum(names).toFixed(0)])),
    blocking: long.reduce((total, one) => total + one.ms * SLOWER - LONG_MS, 0).toFixed(0),
    long: long.map((one) => `${((one.from - start) / 1000).toFixed(0)} ms: ${one.ms.toFixed(0)} (${inside(one)})`),
  };
}

for (const path of paths) {
  const { context, product } = await visitor();
  const page = await context.newPage();
  const client = await context.newCDPSession(page);
  const bytes = { requests: 0, bytes: 0, script: 0 };
  const scripts = new Set();
  client.on("Network.responseReceived", ({ requestId, type }) => type === "Script" && scripts.add(requestId));
  client.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    bytes.requests += 1;
    bytes.bytes += encodedDataLength;
    if (scripts.has(requestId)) bytes.script += encodedDataLength;
  });
  await client.send("Network.enable");
  await browser.startTracing(page, { categories: CATEGORIES });
  await page.goto(shop + path.replace("PRODUCT", product.id));
  await page.locator("kb-root main h1").first().waitFor();
  await page.waitForLoadState("networkidle");
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const { long, ...rest } = told(traceEvents, bytes);
  console.log(`\n${path}: ${Object.entries(rest).map(([name, value]) => `${name} ${value}`).join(", ")}, shift ${(await page.evaluate(() => globalThis.shifted)).toFixed(4)}`);
  for (const one of long) console.log(`  ${one}`);
  for (const one of await page.evaluate(() => globalThis.painted)) console.log(`  painted at ${one.at}: ${one.size} px, ${one.where}`);
  await context.close();
}
await browser.close();
