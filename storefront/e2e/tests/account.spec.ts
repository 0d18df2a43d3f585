import { expect, test } from "@playwright/test";

import { products, put } from "./shopper";

test("somebody opens an account, buys as a customer, and finds the order in the history", async ({ page }) => {
  const name = `sam-${crypto.randomUUID().slice(0, 8)}`;
  const [product] = await products(page);
  await put(page, product!.id);
  await page.goto("/register");
  await page.getByLabel("Username").fill(name);
  await page.getByLabel("E-mail").fill(`${name}@example.com`);
  await page.getByLabel("Password").fill("a-quiet-otter-42");
  await page.getByRole("button", { name: "Open my account" }).click();
  await expect(page.getByRole("heading", { name: "Profile" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Cart, 1 thing" })).toBeVisible();
  await page.goto("/checkout");
  await page.getByLabel("Full name").fill("Sam Carter");
  await page.getByLabel("Street and number").fill("123 Main St");
  await page.getByLabel("ZIP code").fill("02118");
  await page.getByLabel("City").fill("Boston");
  await page.getByLabel("State", { exact: true }).selectOption("MA");
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
  await page.goto("/account/orders");
  await expect(page.getByText(product!.name)).toBeVisible();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in" }).first()).toBeAttached();
  await page.goto("/account/orders");
  await page.getByLabel("Username or e-mail").fill(name);
  await page.getByLabel("Password").fill("wrong-password-1");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByText("Username and password do not fit.")).toBeVisible();
  await page.getByLabel("Password").fill("a-quiet-otter-42");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByText(product!.name)).toBeVisible();
});
