import { expect, test } from "@playwright/test";

import { barriers } from "./barriers";
import { products, put } from "./shopper";

const PAGES = ["/", "/c/dog-food", "/search?q=cat", "/search?q=qwxyz", "/cart", "/checkout", "/sign-in", "/register", "/reset-password", "/orders", "/nothing"];

test("no page has a barrier that axe knows, in either theme", async ({ browser }) => {
  test.setTimeout(240_000);
  const context = await browser.newContext({ reducedMotion: "reduce" });
  const page = await context.newPage();
  const found: string[] = [];
  for (const path of PAGES) {
    await page.goto(path);
    found.push(...(await barriers(page)));
  }
  const [product] = await products(page);
  await put(page, product!.id);
  found.push(...(await barriers(page)));
  for (const path of ["/cart", "/checkout"]) {
    await page.goto(path);
    await expect(page.locator("kb-root").getByText(product!.name).first()).toBeVisible();
    found.push(...(await barriers(page)));
  }
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByRole("status").getByText("fields need a second look")).toBeVisible();
  found.push(...(await barriers(page)));
  expect(found).toEqual([]);
});

test("nothing is cut off at 320 pixels", async ({ browser }) => {
  const page = await browser.newPage({ viewport: { width: 320, height: 700 } });
  const [product] = await products(page);
  for (const path of [...PAGES, `/p/${product!.id}`]) {
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
