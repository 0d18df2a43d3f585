// Pictures of the shop's main pages, for people: `make screenshots`, or `node e2e/look.mjs http://localhost:8000 FOLDER`.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "@playwright/test";

const [shop = `http://localhost:${process.env.E2E_PORT ?? 8000}`, folder = join(import.meta.dirname, "../../docs/screenshots")] = process.argv.slice(2);
const FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const WIDTHS = [390, 1280];
/** What is shown in the dark theme as well. */
const IN_THE_DARK = new Set(["home", "cart"]);

await mkdir(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
for (const width of WIDTHS) {
  for (const theme of (process.env.THEMES ?? "light,dark").split(",")) {
    const context = await browser.newContext({ viewport: { width, height: width < 500 ? 844 : 900 }, colorScheme: theme, reducedMotion: "reduce" });
    const page = await context.newPage();
    page.on("console", (message) => message.type() === "error" && console.log(width, theme, page.url(), message.text()));
    page.on("pageerror", (error) => console.log(width, theme, page.url(), String(error)));
    const look = async (name) => {
      if (theme === "dark" && !IN_THE_DARK.has(name)) return;
      await page.waitForLoadState("networkidle");
      await page.evaluate(async () => {
        for (let y = 0; y < document.body.scrollHeight; y += 500) {
          scrollTo(0, y);
          await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 150))); // what waits to be seen is drawn
        }
        scrollTo(0, 0);
        await document.fonts.ready;
      });
      await page.waitForLoadState("networkidle");
      // What is far below is else left out of a picture of the whole page.
      await page.evaluate(() => {
        const sheet = new CSSStyleSheet(); // the shop's policy takes no style element
        sheet.replaceSync("* { content-visibility: visible !important; }");
        document.adoptedStyleSheets = [sheet];
      });
      await page.screenshot({ path: `${folder}/${name}-${width}${theme === "dark" ? "-dark" : ""}.png`, fullPage: name !== "cart-empty" });
    };
    const products = await (await fetch(`${shop}/api/products/search?q=puppy+dry+food&limit=3`)).json();
    const family = (await (await fetch(`${shop}/api/products?limit=100`)).json()).find((one) => one.kind === "configurable");
    await page.goto(shop); // with its fonts, from here on
    await page.waitForLoadState("networkidle");
    await page.goto(shop);
    await look("home");
    await page.goto(`${shop}/c/dog-food`);
    await look("category");
    await page.goto(`${shop}/search?onSale=true`);
    await look("on-sale");
    await page.goto(`${shop}/search?q=qwxyz`);
    await look("search-empty");
    await page.goto(`${shop}/p/${family.id}`);
    await look("product-options");
    const reduced = (await (await fetch(`${shop}/api/products?sku=DOG-DRY-009`)).json())[0];
    await page.goto(`${shop}/p/${reduced.id}`);
    await look("product-sale");
    await page.goto(`${shop}/cart`);
    await look("cart-empty");
    for (const product of products.slice(0, 2)) {
      await page.goto(`${shop}/p/${product.id}`);
      await page.getByRole("button", { name: "Add to cart" }).click();
      await page.getByRole("link", { name: /^Cart, [1-9]/ }).waitFor();
    }
    await page.reload(); // without the message that it is in the cart
    await look("product");
    await page.goto(`${shop}/cart`);
    await look("cart");
    if (theme === "dark") {
      await context.close();
      continue;
    }
    await page.goto(`${shop}/checkout`);
    await page.getByLabel("ZIP code").fill("02118");
    await page.getByRole("radio", { name: /standard shipping/ }).waitFor();
    await page.getByLabel("E-mail, for the receipt").fill("sam@example.com");
    await page.getByLabel("Full name").fill("Sam Carter");
    await page.getByLabel("Street and number").fill("123 Main St");
    await page.getByLabel("City").fill("Boston");
    await page.getByLabel("State").selectOption("MA");
    await look("checkout");
    await page.getByRole("button", { name: "Place order" }).click();
    await page.waitForURL(/orders/);
    await page.getByRole("status").filter({ hasText: /^Delivered$/ }).waitFor();
    await look("order");
    await page.goto(`${shop}/sign-in`);
    await look("sign-in");
    await context.close();
  }
}
await browser.close();
