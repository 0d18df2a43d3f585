import { expect, test } from "@playwright/test";

import { kibble } from "./admin.setup";
import { linkTo } from "./mailbox";
import { fillIn, join, PASSWORD, products, put } from "./shopper";

test("somebody finds food by typing, buys it, and sees it delivered", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("combobox", { name: "Search the shop" }).fill("puppy");
  await page.getByRole("option").filter({ hasText: "Puppy Food" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Puppy Food" })).toBeVisible();
  await page.getByRole("button", { name: /^Add .* to the cart$/ }).first().click();
  await expect(page.getByRole("link", { name: "Cart, 1 thing" })).toBeVisible();
  await fillIn(page);
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
  await expect(page.locator("p[role=status]")).toHaveText("Delivered", { timeout: 60_000 });
  await expect(page.getByRole("link", { name: "Cart, 0 things" })).toBeVisible();
});

test("a declined card is told, and another one pays", async ({ page }) => {
  const [product] = await products(page);
  await put(page, product!.id);
  await fillIn(page);
  await page.getByLabel("Test card").selectOption("tok_declined");
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByRole("heading", { name: "Your payment did not work" })).toBeVisible();
  await page.getByLabel("Test card").selectOption("tok_ok");
  await page.getByRole("button", { name: /^Pay \$/ }).click();
  await expect(page.getByText("Paid", { exact: true })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Your payment did not work" })).toBeHidden();
});

test("a double press places one order", async ({ page }) => {
  const [product] = await products(page);
  await put(page, product!.id);
  await fillIn(page);
  const placed: string[] = [];
  page.on("request", (request) => request.url().endsWith("/checkout") && request.method() === "POST" && placed.push(request.url()));
  await page.getByRole("button", { name: "Place order" }).dblclick();
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
  expect(placed).toHaveLength(1);
});

test("two tabs share one cart", async ({ page, context }) => {
  const [one, other] = await products(page);
  await put(page, one!.id);
  const second = await context.newPage();
  await put(second, other!.id);
  await expect(page.getByRole("link", { name: "Cart, 2 things" })).toBeVisible();
  await page.goto("/cart");
  await expect(page.getByRole("listitem").filter({ hasText: one!.name }).first()).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: other!.name }).first()).toBeVisible();
});

test("what is changed offline is kept, and sent when the network is back", async ({ page, context }) => {
  const [product] = await products(page);
  await put(page, product!.id);
  await page.goto("/cart");
  await expect(page.getByRole("spinbutton")).toHaveValue("1");
  await context.setOffline(true);
  await page.getByRole("button", { name: /^One more of/ }).click();
  await expect(page.getByRole("spinbutton")).toHaveValue("2");
  await expect(page.getByText("You are offline.")).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText("You are offline.")).toBeHidden();
  await page.reload();
  await expect(page.getByRole("spinbutton")).toHaveValue("2");
});

test("the cart says how many are left, and takes so many", async ({ page }) => {
  const [product] = await products(page);
  await put(page, product!.id);
  await page.goto("/cart");
  await page.getByRole("spinbutton").fill("99");
  await page.getByRole("spinbutton").press("Enter");
  const trouble = page.getByText(/^Only \d+ left\.$/);
  test.skip((await page.request.get(`/api/inventory/${product!.id}`).then((answer) => answer.json())).available >= 99, "there is plenty");
  await expect(trouble).toBeVisible();
  await page.getByRole("button", { name: /^Take \d+$/ }).click();
  await expect(trouble).toBeHidden();
});

test("what sold out while it was in the cart is told, and keeps nobody from buying the rest", async ({ page, request }) => {
  const [product] = await products(page, "aquarium net", 1);
  await put(page, product!.id);
  const headers = { Authorization: `Bearer ${kibble("token", "--client", "e2e", "--scope", "inventory:write")}` };
  const { warehouses } = (await (await request.get(`/api/inventory/${product!.id}`)).json()) as { warehouses: { warehouseId: string; onHand: number }[] };
  const level = (warehouseId: string, stockLevel: number) => request.put(`/api/inventory/${product!.id}`, { headers, data: { warehouseId, stockLevel } });
  for (const one of warehouses) await level(one.warehouseId, 0);
  await page.goto("/cart");
  await expect(page.getByText("This product is sold out.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Checkout" })).toBeDisabled();
  await page.getByRole("button", { name: /^Remove/ }).click();
  await expect(page.getByRole("heading", { name: "Nothing in here yet" })).toBeVisible();
  for (const one of warehouses) await level(one.warehouseId, one.onHand);
});

test("a guest's cart joins the one that the customer has filled elsewhere", async ({ page, browser }) => {
  const [one, other] = await products(page);
  await put(page, one!.id);
  const name = await join(page);
  await expect(page.getByRole("link", { name: "Cart, 1 thing" })).toBeVisible();
  const phone = await browser.newPage();
  await put(phone, other!.id);
  await phone.goto("/sign-in");
  await phone.getByLabel("Username or e-mail").fill(name);
  await phone.getByLabel("Password").fill(PASSWORD);
  await phone.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(phone.getByRole("link", { name: "Cart, 2 things" })).toBeVisible();
  await phone.close();
});

test("a word that is typed wrong finds what was meant", async ({ page }) => {
  await page.goto("/search?q=aquarum");
  await expect(page.getByRole("link", { name: /Aquarium/ }).first()).toBeVisible();
});

test("a whole purchase goes by keyboard alone", async ({ page }) => {
  const [product] = await products(page);
  await page.goto(`/p/${product!.id}`);
  const press = async (name: string | RegExp, role: "button" | "link" = "button") => {
    const target = page.getByRole(role, { name }).first();
    for (let step = 0; step < 60; step += 1) {
      await page.keyboard.press("Tab");
      if (await target.evaluate((node) => node === document.activeElement)) return page.keyboard.press("Enter");
    }
    throw new Error(`${name} is not reached by Tab`);
  };
  await expect(page.getByRole("button", { name: "Add to cart", exact: true })).toBeVisible();
  await press("Add to cart");
  await expect(page.getByRole("link", { name: "Cart, 1 thing" })).toBeVisible();
  await press("View cart", "link");
  await expect(page.getByRole("heading", { name: "Your cart" })).toBeVisible();
  await press("Checkout", "link");
  const type = async (label: string, text: string) => {
    const field = page.getByLabel(label, { exact: true });
    for (let step = 0; step < 60; step += 1) {
      await page.keyboard.press("Tab");
      if (await field.evaluate((node) => node === document.activeElement)) return page.keyboard.type(text);
    }
    throw new Error(`${label} is not reached by Tab`);
  };
  await expect(page.getByRole("heading", { name: "Checkout" })).toBeVisible();
  await type("E-mail, for the receipt", "kim@example.com");
  await type("Full name", "Kim Ode");
  await type("Street and number", "9 Elm St");
  await type("ZIP code", "02118");
  await type("City", "Boston");
  await type("State", "Massachusetts");
  await press("Place order");
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
});

test("Enter in the field of the promotion code tries the code, and orders nothing", async ({ page }) => {
  const [product] = await products(page);
  await put(page, product!.id);
  await fillIn(page, `sam-${crypto.randomUUID()}@example.com`); // the code is good once for each customer
  const code = page.getByLabel(/^Promotion code/);
  await code.fill("NO-SUCH-CODE");
  await code.press("Enter");
  await expect(page.getByText("There is no such code.")).toBeVisible();
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(code).toBeFocused();
  await expect(page).toHaveURL(/checkout/);
  await code.fill("welcome10"); // nobody presses Apply
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
  await expect(page.getByText("Discount")).toBeVisible();
});

test("what was typed at the checkout outlives a reload, and ends with the order", async ({ page }) => {
  const [product] = await products(page);
  await put(page, product!.id);
  await fillIn(page);
  await page.reload();
  await expect(page.getByLabel("E-mail, for the receipt")).toHaveValue("sam@example.com");
  await expect(page.getByLabel("Street and number")).toHaveValue("123 Main St");
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
  await put(page, product!.id);
  await page.goto("/checkout");
  await expect(page.getByLabel("Street and number")).toHaveValue("");
});

test("what was taken out of the cart can be taken back", async ({ page }) => {
  const [product] = await products(page);
  await put(page, product!.id);
  await page.goto("/cart");
  await page.getByRole("button", { name: /^Remove/ }).click();
  await expect(page.getByRole("link", { name: "Cart, 0 things" })).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("link", { name: "Cart, 1 thing" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Undo" })).toBeHidden();
});

test("a guest finds the orders of this browser again", async ({ page }) => {
  const [product] = await products(page);
  await put(page, product!.id);
  await fillIn(page);
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
  await page.getByRole("link", { name: "Your orders" }).click();
  await expect(page.getByText(product!.name)).toBeVisible();
});

test("a guest opens an order by the link in its e-mail, wherever it is read", async ({ page, browser }) => {
  const [product] = await products(page);
  await put(page, product!.id);
  await fillIn(page);
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
  const [path] = /\/orders\/[\w-]+/.exec(page.url())!;
  const elsewhere = await browser.newPage();
  await elsewhere.goto(await linkTo(path, "@"));
  await expect(elsewhere.getByText(product!.name)).toBeVisible();
  await expect(elsewhere).toHaveURL(new RegExp(`${path}$`));
  await elsewhere.close();
});

test("a list that was shown further is as long, and at its place, when one comes back to it", async ({ page }) => {
  await page.goto("/c/dog");
  await page.getByRole("button", { name: "Show more" }).click();
  const product = page.locator(".card a").nth(40);
  await product.scrollIntoViewIfNeeded();
  const name = await product.textContent();
  await product.click();
  await expect(page.getByRole("heading", { level: 1, name: name! })).toBeVisible();
  await page.goBack();
  await expect(product).toHaveText(name!);
  await expect(product).toBeInViewport();
});

test("filters that are opened before the page's script runs stay open", async ({ page }) => {
  const held = Promise.withResolvers<void>();
  await page.route("**/*.js", async (route) => {
    await held.promise;
    await route.continue();
  });
  await page.goto("/c/dog-food", { waitUntil: "commit" });
  await page.getByText("Filter", { exact: true }).click();
  held.resolve();
  await expect(page.getByLabel("In stock only")).toBeVisible();
});

test("a phone's filters say how many products they leave, and close over them", async ({ page }) => {
  await page.goto("/c/dog-food");
  await page.getByText("Filter", { exact: true }).click();
  await page.getByRole("button", { name: /^\$25 to \$50/ }).click();
  await page.getByRole("button", { name: /^Show \d+ products?$/ }).click();
  await expect(page.getByLabel("In stock only")).toBeHidden();
  await expect(page.locator(".card").first()).toBeInViewport();
});
