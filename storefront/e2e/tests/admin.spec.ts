import { expect, Page, test } from "@playwright/test";

import { ADDRESS, customer, Customer, Hand, numberOf, parkPayment, placed, products, staffPage, until } from "./admin.setup";

/** What a member of staff does in the back office, and what the shop shows of it. A task takes six clicks at most. */

const CLICKS = 6;
/** A picture of one pixel. */
const DOT = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==", "base64");

let page: Page;
let buyer: Customer;

test.beforeAll(async ({ browser, request }) => {
  page = await staffPage(browser);
  buyer = await customer(request);
});

test.afterAll(() => page.context().close());

function menu(name: string) {
  return page.getByRole("navigation", { name: "Back office" }).getByRole("link", { name, exact: true });
}

function button(name: string | RegExp) {
  return page.getByRole("button", { name });
}

/** Wait until the first row of the list is what was searched for: rows that come later move those that are there. */
function found(text: string | RegExp) {
  return expect(page.getByRole("row").nth(1)).toContainText(text);
}

test("an order is found by a last name, and a line of it refunded; the customer sees it", async ({ request }) => {
  const order = await placed(request, buyer, 2);
  await until(request, buyer, order.id, (seen) => seen.paymentStatus === "PAID");
  const hand = new Hand();
  await hand.click(menu("Orders"));
  await page.getByLabel("Number, name, e-mail or ZIP code").fill(buyer.lastName);
  await page.keyboard.press("Enter");
  await hand.click(page.getByRole("link", { name: numberOf(order.id) }));
  await hand.click(button(/^Refund .+…$/).first());
  await hand.click(page.getByRole("dialog").getByRole("button", { name: "Refund" }));
  await expect(page.getByText(/^Refund of \$/).last()).toBeVisible();
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS);
  await until(request, buyer, order.id, (seen) => seen.paymentStatus === "PARTIALLY_REFUNDED" && seen.refundedAmount > 0);
});

test("a payment is refunded whole; more than what is left is refused with a sentence", async ({ request }) => {
  const order = await placed(request, buyer);
  await until(request, buyer, order.id, (seen) => seen.paymentStatus === "PAID");
  await page.goto(`/admin/orders/${order.id}`);
  const hand = new Hand();
  await hand.click(button("Refund…"));
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Amount in USD").fill("99999");
  await hand.click(dialog.getByRole("button", { name: "Refund" }));
  await expect(dialog.getByRole("alert")).toBeVisible();
  await dialog.getByLabel("Amount in USD").fill(order.amountDue.toFixed(2));
  await hand.click(dialog.getByRole("button", { name: "Refund" }));
  await expect(dialog).toBeHidden();
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS);
  await until(request, buyer, order.id, (seen) => seen.paymentStatus === "REFUNDED");
});

test("an amount that is no number refunds nothing", async ({ request }) => {
  const order = await placed(request, buyer);
  await until(request, buyer, order.id, (seen) => seen.paymentStatus === "PAID");
  await page.goto(`/admin/orders/${order.id}`);
  await button("Refund…").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Amount in USD").fill("1,00");
  await dialog.getByRole("button", { name: "Refund" }).click();
  await expect(dialog.getByText("Write a number, such as 12.50.")).toBeVisible();
  await page.keyboard.press("Escape");
  await dialog.getByLabel("Amount in USD").fill("1.00");
  await dialog.getByRole("button", { name: "Refund" }).click();
  await expect(page.getByText("Partially refunded").first()).toBeVisible();
  await expect(page.getByText("Refund paid out")).toBeVisible(); // the page follows, without being asked
  await until(request, buyer, order.id, (seen) => seen.refundedAmount === 1);
});

test("a stuck order is repaired by replaying its dead letter", async ({ request }) => {
  const order = await placed(request, buyer, 1, "tok_declined");
  await until(request, buyer, order.id, (seen) => seen.paymentStatus === "FAILED");
  parkPayment(order.id, order.amountDue);
  const hand = new Hand();
  await hand.click(menu("Dead letters"));
  const letter = page.getByRole("region", { name: "payment.processed for order" }).filter({ hasText: order.id });
  await hand.click(letter.getByRole("button", { name: "Replay…" }));
  await hand.click(page.getByRole("dialog").getByRole("button", { name: "Replay" }));
  await expect(letter).toBeHidden();
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS);
  await until(request, buyer, order.id, (seen) => seen.paymentStatus === "PAID" && seen.status !== "PENDING");
});

test("a dead letter is dropped", async ({ request }) => {
  const order = await placed(request, buyer, 1, "tok_declined");
  parkPayment(order.id, order.amountDue);
  await page.goto("/admin/dead-letters");
  const hand = new Hand();
  const letter = page.getByRole("region", { name: "payment.processed for order" }).filter({ hasText: order.id });
  await hand.click(letter.getByRole("button", { name: "Drop…" }));
  await hand.click(page.getByRole("dialog").getByRole("button", { name: "Drop it" }));
  await expect(letter).toBeHidden();
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS);
});

test("an order is cancelled, with a note for colleagues that the customer does not see", async ({ request }) => {
  const order = await placed(request, buyer, 1, "tok_declined");
  await page.goto(`/admin/orders/${order.id}`);
  const hand = new Hand();
  await hand.click(button("Add a note"));
  await page.getByRole("dialog").getByLabel("Note").fill("Called: wants another colour");
  await hand.click(page.getByRole("dialog").getByRole("button", { name: "Save" }));
  await expect(page.getByText("Called: wants another colour")).toBeVisible();
  await hand.click(button("Cancel…"));
  await hand.click(page.getByRole("dialog").getByRole("button", { name: "Cancel the order" }));
  await expect(page.getByText("The order is cancelled.")).toBeVisible();
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS);
  await until(request, buyer, order.id, (seen) => seen.status === "CANCELLED");
  const events = await request.get(`/api/orders/${order.id}/events`, { headers: { Authorization: `Bearer ${buyer.token}` } });
  expect(await events.text()).not.toContain("another colour");
});

test("orders are cancelled many at once, and what has ended is told", async ({ request }) => {
  const orders = [await placed(request, buyer, 1, "tok_declined"), await placed(request, buyer, 1, "tok_declined")];
  await page.goto(`/admin/orders?q=${buyer.lastName}&status=PENDING`);
  const hand = new Hand();
  for (const order of orders) await hand.click(page.getByRole("checkbox", { name: `Select ${numberOf(order.id)}` }));
  await hand.click(page.getByRole("region", { name: "Change what is selected" }).getByRole("button", { name: "Cancel…" }));
  await hand.click(page.getByRole("dialog").getByRole("button", { name: "Cancel the orders" }));
  await expect(page.getByText("2 orders changed.")).toBeVisible();
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS);
  for (const order of orders) await until(request, buyer, order.id, (seen) => seen.status === "CANCELLED");
});

test("orders that a search finds are exported", async () => {
  await page.goto(`/admin/orders?q=${buyer.lastName}`);
  await expect(page.getByText(buyer.lastName).first()).toBeVisible();
  const [file] = await Promise.all([page.waitForEvent("download"), button("Export CSV").click()]);
  expect(file.suggestedFilename()).toBe("orders.csv");
});

test("a message is sent again", async ({ request }) => {
  const order = await placed(request, buyer);
  await until(request, buyer, order.id, (seen) => seen.paymentStatus === "PAID");
  await page.goto(`/admin/orders/${order.id}`);
  await expect(async () => {
    await button("Refresh").click();
    await expect(button(/^Send again/).first()).toBeVisible({ timeout: 1_000 });
  }).toPass();
  const hand = new Hand();
  await hand.click(button(/^Send again/).first());
  await hand.click(page.getByRole("dialog").getByRole("button", { name: "Send again" }));
  await expect(page.getByText("It is on its way.")).toBeVisible();
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS);
});

test("a price that is changed shows in the shop", async ({ request }) => {
  const [product] = await products(request, 1);
  const price = (product!.price + 1).toFixed(2);
  const hand = new Hand();
  await hand.click(menu("Catalogue"));
  await page.getByLabel("Name, SKU or words").fill(product!.name);
  await page.keyboard.press("Enter");
  await found(product!.name);
  await hand.click(page.getByRole("link", { name: product!.name, exact: true }).first());
  await page.getByLabel("Price in USD").fill(price);
  await hand.click(button("Save"));
  await expect(page.getByText("Saved.")).toBeVisible();
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS);
  const shown = await (await request.get(`/api/products/${product!.id}`)).json();
  expect(shown.price.toFixed(2)).toBe(price);
});

test("prices that are changed together are shown first, and nothing becomes free", async ({ request }) => {
  const [product] = await products(request, 1);
  await page.goto(`/admin/catalogue?q=${encodeURIComponent(product!.name)}`);
  await page.getByRole("checkbox", { name: `Select ${product!.name}`, exact: true }).check();
  await button("Change prices…").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Change in per cent").fill("-50");
  await expect(dialog).toContainText(`${product!.name}: $${product!.price.toFixed(2)} → `);
  await dialog.getByLabel("Change in per cent").fill("-100");
  await dialog.getByRole("button", { name: /^Change/ }).click();
  await expect(dialog).toContainText("without a price above 0");
  await dialog.getByRole("button", { name: "Close" }).click();
  const shown = await (await request.get(`/api/products/${product!.id}`)).json();
  expect(shown.price).toBe(product!.price);
});

test("what is on sale or planned stands in the catalogue, and a product without a sale is no error", async ({ request }) => {
  const [product, plain] = await products(request, 2);
  const errors: string[] = [];
  page.on("console", (message) => void (message.type() === "error" && errors.push(message.text())));
  await page.goto(`/admin/catalogue/${plain!.id}`);
  await expect(page.getByText("None is planned.")).toBeVisible();
  expect(errors).toEqual([]);
  await page.goto(`/admin/catalogue/${product!.id}`);
  await button("Plan a sale…").click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Sale price in USD").fill("0.50");
  await dialog.getByLabel(/^From/).fill("2099-01-02T10:00");
  await dialog.getByRole("button", { name: "Plan it" }).click();
  await expect(page.getByText("The sale is planned.")).toBeVisible();
  await page.goto(`/admin/catalogue?q=${encodeURIComponent(product!.name)}`);
  await expect(page.getByRole("row", { name: product!.name }).first()).toContainText("$0.50 from Jan 2, 2099, 10:00");
  await page.goto(`/admin/catalogue/${product!.id}`);
  await button("Take it back…").click();
  await dialog.getByRole("button", { name: "Take it back" }).click();
  await expect(page.getByText("There is no sale any more.")).toBeVisible();
  await page.goto("/admin/catalogue?onSale=yes");
  await expect(page.getByRole("row").nth(1)).toContainText("On sale");
});

test("an order that does not exist says so, with a way back", async () => {
  await page.goto("/admin/orders/0193c1a0-0000-7000-8000-0000000000c1");
  await expect(page.getByRole("heading", { name: "Order not found" })).toBeVisible();
  await page.getByRole("link", { name: "To the list" }).click();
  await expect(page.getByRole("heading", { name: "Orders", exact: true })).toBeVisible();
});

test("what is typed of a product is kept: a picture loses nothing, an empty price is not zero, and leaving asks", async ({ request }) => {
  const [product] = await products(request, 1);
  await page.goto(`/admin/catalogue/${product!.id}`);
  await page.getByLabel("Description").fill("Ten minutes of typing");
  await page.getByLabel(/^Add a picture/).setInputFiles({ name: "dot.png", mimeType: "image/png", buffer: DOT });
  await expect(page.getByText("The picture is added.")).toBeVisible();
  await expect(page.getByRole("button", { name: /^Remove picture/ }).first()).toBeVisible();
  await expect(page.getByLabel("Description")).toHaveValue("Ten minutes of typing");
  await page.getByLabel("Regular price in USD").fill("");
  await button("Save").click();
  await expect(page.getByText("Write a number, such as 12.50.")).toBeVisible();
  await menu("Orders").click();
  await page.getByRole("dialog").getByRole("button", { name: "Stay" }).click();
  await expect(page).toHaveURL(new RegExp(product!.id));
  await menu("Orders").click();
  await page.getByRole("dialog").getByRole("button", { name: "Leave" }).click();
  await expect(page).toHaveURL(/\/orders$/);
  const now = await (await request.get(`/api/products/${product!.id}`)).json();
  expect(now.price).toBe(product!.price);
});

test("a sale is put on and ended, and the shop strikes the usual price through meanwhile", async ({ browser, request }) => {
  const [product] = await products(request, 2);
  const usual = `$${product!.price.toFixed(2)}`;
  await page.goto(`/admin/catalogue/${product!.id}`);
  const hand = new Hand();
  await hand.click(button("Plan a sale…"));
  await page.getByRole("dialog").getByLabel("Sale price in USD").fill("1.05");
  await hand.click(page.getByRole("dialog").getByRole("button", { name: "Plan it" }));
  await expect(page.getByText("On now")).toBeVisible();
  const shop = await browser.newPage();
  await shop.goto(`/p/${product!.id}`);
  await expect(shop.locator("kb-product .buy s").first()).toContainText(usual);
  await shop.getByRole("button", { name: "Add to cart", exact: true }).click();
  await expect(shop.getByRole("link", { name: /^Cart, [1-9]/ })).toBeVisible();
  await expect(async () => {
    await shop.goto("/cart");
    await expect(shop.locator("kb-cart-page .line s")).toContainText(usual, { timeout: 2_000 });
  }).toPass();
  await hand.click(button("End it…"));
  await hand.click(page.getByRole("dialog").getByRole("button", { name: "End it" }));
  await expect(page.getByText("None is planned.")).toBeVisible();
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS);
  await shop.reload();
  await expect(shop.locator("kb-cart-page").getByText("The price changed from 1.05")).toBeVisible();
  await shop.close();
});

test("many products get a tag at once", async () => {
  const hand = new Hand();
  await hand.click(menu("Catalogue"));
  await page.getByLabel("Name, SKU or words").fill("crate");
  await page.keyboard.press("Enter");
  await found(/crate/i);
  await hand.click(page.getByRole("checkbox", { name: "Select all" }));
  await hand.click(button("Add a tag…"));
  await page.getByRole("dialog").getByLabel("Tag").fill("spring");
  await hand.click(page.getByRole("dialog").getByRole("button", { name: /^Change \d+ products$/ }));
  await expect(page.getByText(/\d+ products changed\./)).toBeVisible();
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS);
});

test("stock is adjusted with a reason, which stands in the movements", async ({ request }) => {
  const [product] = await products(request, 1);
  const hand = new Hand();
  await hand.click(menu("Inventory"));
  await page.getByLabel("Find a product").fill(product!.name);
  await page.keyboard.press("Enter");
  await found(product!.name);
  await hand.click(page.getByRole("link", { name: product!.name, exact: true }).first());
  await hand.click(button("Adjust…"));
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/^Units/).fill("-1");
  await dialog.getByLabel("Reason").fill("torn bag");
  await hand.click(dialog.getByRole("button", { name: "Adjust" }));
  await expect(page.getByText("Torn bag")).toBeVisible();
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS);
});

test("a feed is tried dry before it is imported", async ({ request }) => {
  const sku = `E2E-${Date.now()}`;
  const feed = `sku,name,price,category\n${sku},Trial Bowl,4.50,Bowls\nBROKEN-1,No price,,Bowls\n`;
  const hand = new Hand();
  await hand.click(menu("Import"));
  await page.getByLabel("File:").setInputFiles({ name: "spring.csv", mimeType: "text/csv", buffer: Buffer.from(feed) });
  await hand.click(button("Try it (dry run)"));
  await expect(page.getByRole("heading", { name: "Dry run of spring.csv: completed" })).toBeVisible();
  await expect(page.getByRole("cell", { name: "BROKEN-1" })).toBeVisible();
  expect(await (await request.get(`/api/products?sku=${sku}`)).json()).toEqual([]);
  await hand.click(button("Import for real"));
  await expect(page.getByRole("heading", { name: "Import of spring.csv: completed" })).toBeVisible();
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS);
  expect(await (await request.get(`/api/products?sku=${sku}`)).text()).toContain("Trial Bowl");
});

test("a promotion is started and ended", async () => {
  const code = `E2E${Date.now()}`;
  const hand = new Hand();
  await hand.click(menu("Promotions"));
  await hand.click(button("New promotion…"));
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByLabel("Code")).toBeFocused(); // it takes the focus once it has opened
  await dialog.getByLabel("Code").fill(code);
  await dialog.getByLabel("Per cent, or amount").fill("10");
  await dialog.getByLabel(/^Description/).fill("Ten off");
  await hand.click(dialog.getByRole("button", { name: "Start it" }));
  await expect(page.getByRole("cell", { name: code, exact: true })).toBeVisible();
  await hand.click(button(`End… ${code}`));
  await hand.click(page.getByRole("dialog").getByRole("button", { name: "End it" }));
  await expect(page.getByRole("cell", { name: code, exact: true })).toBeHidden();
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS);
});

test("a customer's Autoship is paused and cancelled on the telephone", async ({ request }) => {
  const person = await customer(request);
  const [product] = await products(request, 1);
  const items = [{ productId: product!.id, quantity: 2, interval: { every: 4, unit: "week" } }];
  const data = { userId: person.id, items, paymentMethod: "CreditCard", paymentToken: "tok_ok", shippingAddress: ADDRESS };
  const headers = { Authorization: `Bearer ${person.token}` };
  const started = await request.post("/api/subscriptions", { data, headers });
  expect(started.status()).toBe(201);
  const hand = new Hand();
  await page.goto(`/admin/customers/${person.id}`);
  const panel = page.locator("kba-autoship");
  await expect(panel).toContainText(`2 × ${product!.name} every 4 weeks`);
  await hand.click(panel.getByRole("button", { name: "Pause…" }));
  await hand.click(page.getByRole("dialog").getByRole("button", { name: "Pause it" }));
  await expect(panel).toContainText("Paused");
  await hand.click(panel.getByRole("button", { name: "Cancel it…" }));
  await hand.click(page.getByRole("dialog").getByRole("button", { name: "Cancel the Autoship" }));
  await expect(panel).toContainText("Cancelled");
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS);
  const { id } = (await started.json()) as { id: string };
  expect(await (await request.get(`/api/subscriptions/${id}`, { headers })).json()).toMatchObject({ status: "CANCELLED" });
});

test("a customer is found, and erased only by who writes the name", async ({ request }) => {
  const person = await customer(request);
  const hand = new Hand();
  await hand.click(menu("Customers"));
  await page.getByLabel("Name, username, e-mail or phone").fill(person.lastName);
  await page.keyboard.press("Enter");
  await hand.click(page.getByRole("link", { name: `Ann ${person.lastName}` }));
  await hand.click(button("Erase…"));
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(/to confirm$/).fill("somebody");
  await hand.click(dialog.getByRole("button", { name: "Erase" }));
  await expect(dialog.getByRole("alert")).toBeVisible();
  const name = /Write (\S+) to confirm/.exec(await dialog.innerText())![1]!;
  await dialog.getByLabel(/to confirm$/).fill(name);
  await hand.click(dialog.getByRole("button", { name: "Erase" }));
  await expect(dialog).toBeHidden();
  expect(hand.clicks).toBeLessThanOrEqual(CLICKS);
});
