import AxeBuilder from "@axe-core/playwright";
import { expect, Page, test } from "@playwright/test";

import { products, put } from "./shopper";

const PAGES = ["/", "/c/dog-food", "/search?q=cat", "/search?q=qwxyz", "/cart", "/checkout", "/sign-in", "/register", "/reset-password", "/nothing"];

async function violations(page: Page) {
  await page.waitForLoadState("networkidle");
  const found = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
  return found.violations.map((one) => `${page.url()}: ${one.id}: ${one.nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

for (const colorScheme of ["light", "dark"] as const) {
  test(`no page has a barrier that axe knows, ${colorScheme}`, async ({ browser }) => {
    test.setTimeout(240_000);
    const context = await browser.newContext({ colorScheme, reducedMotion: "reduce" });
    const page = await context.newPage();
    const found: string[] = [];
    for (const path of PAGES) {
      await page.goto(path);
      found.push(...(await violations(page)));
    }
    const [product] = await products(page);
    await put(page, product!.id);
    found.push(...(await violations(page)));
    for (const path of ["/cart", "/checkout"]) {
      await page.goto(path);
      await expect(page.getByText(product!.name).first()).toBeVisible();
      found.push(...(await violations(page)));
    }
    await page.getByRole("button", { name: "Place order" }).click();
    await expect(page.getByRole("alert").first()).toBeVisible();
    found.push(...(await violations(page)));
    expect(found).toEqual([]);
  });
}

test("nothing is cut off at 320 pixels", async ({ browser }) => {
  const page = await browser.newPage({ viewport: { width: 320, height: 700 } });
  for (const path of PAGES) {
    await page.goto(path);
    await page.waitForLoadState("networkidle");
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wider, path).toBeLessThanOrEqual(0);
  }
});

test("a page says what it is without scripts", async ({ browser }) => {
  const page = await browser.newPage({ javaScriptEnabled: false });
  const answer = await page.request.get("/api/products/search", { params: { q: "puppy", limit: "1" } });
  const [product] = (await answer.json()) as { id: string; name: string }[];
  await page.goto(`/p/${product!.id}`);
  await expect(page.getByRole("heading", { level: 1, name: product!.name })).toBeVisible();
  await expect(page.getByText(/^\$\d/).first()).toBeVisible();
});
