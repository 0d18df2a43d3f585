import { Browser, expect, Page, test } from "@playwright/test";

import { barriers } from "./barriers";
import { customer, kibble, parkPayment, placed, products, staffPage, until } from "./admin.setup";

/**
 * Every page of the back office at the width of a phone and of a desk, light and dark: no axe violation, nothing wider than the
 * window. `KIBBLE_SCREENSHOTS=folder` keeps a picture of each.
 */
const WIDTHS = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
];
const folder = process.env["KIBBLE_SCREENSHOTS"];
const pages = new Map<string, string>([
  ["dashboard", "dashboard"],
  ["orders", "orders"],
  ["catalogue", "catalogue?q=crate"],
  ["new-product", "catalogue/new"],
  ["import", "import"],
  ["packing", "packing"],
  ["inventory", "inventory?below=25"],
  ["customers", "customers"],
  ["promotions", "promotions"],
  ["webhooks", "webhooks"],
  ["dead-letters", "dead-letters"],
  ["settings", "settings"],
  ["staff", "staff"],
  ["audit", "audit"],
  ["account", "account"],
]);

test.beforeAll(async ({ request }) => {
  const buyer = await customer(request);
  const order = await placed(request, buyer, 2);
  await until(request, buyer, order.id, (seen) => seen.paymentStatus === "PAID");
  const declined = await placed(request, buyer, 1, "tok_declined");
  parkPayment(declined.id, declined.amountDue);
  const [product] = await products(request, 1);
  pages.set("order", `orders/${order.id}`);
  pages.set("product", `catalogue/${product!.id}`);
  pages.set("stock", `inventory/${product!.id}`);
  pages.set("customer", `customers/${buyer.id}`);
  const headers = { Authorization: `Bearer ${kibble("token", "--client", "e2e", "--scope", "webhooks:admin")}` };
  const hook = await request.post("/api/webhooks", { headers, data: { url: "https://erp.example/", events: ["order.placed"] } });
  const { id } = (await hook.json()) as { id: string };
  await request.patch(`/api/webhooks/${id}`, { headers, data: { enabled: false } });
  await request.post(`/api/webhooks/${id}/test`, { headers });
  pages.set("webhook", `webhooks/${id}`);
});

async function check(page: Page, name: string): Promise<void> {
  expect(await barriers(page, name)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), `${name} is too wide`).toBeLessThanOrEqual(0);
}

async function keep(page: Page, name: string): Promise<void> {
  if (!folder) return;
  await page.emulateMedia({ colorScheme: "light" });
  await page.screenshot({ path: `${folder}/${name}-${page.viewportSize()!.width}.png` });
}

async function visit(browser: Browser, size: (typeof WIDTHS)[number]): Promise<void> {
  const page = await staffPage(browser, size);
  for (const [name, path] of pages) {
    await page.goto(`/admin/${path}`, { waitUntil: "networkidle" });
    await check(page, name);
    await keep(page, name);
  }
  await page.goto(`/admin/${pages.get("order")}`, { waitUntil: "networkidle" });
  await page.getByRole("button", { name: "Refund…" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await check(page, "refund");
  await keep(page, "refund");
  await page.goto("/admin/orders", { waitUntil: "networkidle" });
  await page.getByRole("checkbox", { name: /^Select #/ }).first().click();
  await check(page, "orders-selected");
  await keep(page, "orders-selected");
  await page.context().close();
}

for (const size of WIDTHS) {
  test(`every page is accessible and fits at ${size.width} px`, async ({ browser }) => {
    test.setTimeout(400_000);
    await visit(browser, size);
  });
}

test("the menu and a search work by keyboard alone", async ({ browser }) => {
  const page = await staffPage(browser);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.getByRole("link", { name: "Orders", exact: true }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { name: "Orders" })).toBeVisible();
  await page.getByLabel("Number, name, e-mail or ZIP code").focus();
  await page.keyboard.type("nobody-is-called-so");
  await page.keyboard.press("Enter");
  await expect(page.getByText("No order is like that.")).toBeVisible();
  await page.context().close();
});
