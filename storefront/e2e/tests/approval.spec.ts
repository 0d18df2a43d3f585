import { expect, test } from "@playwright/test";

import { barriers } from "./barriers";
import { fillIn, products, put } from "./shopper";

test("a card that asks for approval is approved on the bank's page; one that is declined there is retried", async ({ browser }) => {
  const context = await browser.newContext({ reducedMotion: "reduce", viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const [product] = await products(page);
  await put(page, product!.id);
  await fillIn(page);
  await page.getByLabel("Test card").selectOption("tok_requires_action");
  await page.getByRole("button", { name: "Place order" }).click();
  await expect(page.getByRole("heading", { name: "Approve a payment" })).toBeVisible();

  await page.goBack();
  await expect(page.getByRole("heading", { name: "Your payment waits for you" })).toBeVisible();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("link", { name: "Go on to approve it" }).click();
  await page.getByRole("link", { name: "Decline" }).click();
  await expect(page).toHaveURL(/\/checkout\/return\?orderId=.+&paymentId=.+/);
  await expect(page.getByRole("heading", { name: "Your payment did not work" })).toBeVisible();
  expect(await barriers(page)).toEqual([]);

  await page.getByLabel("Test card").selectOption("tok_requires_action");
  await page.getByRole("button", { name: /^Pay \$/ }).click();
  await page.getByRole("link", { name: "Approve" }).click();
  await expect(page.getByRole("heading", { name: "Thank you" })).toBeVisible();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("link", { name: "Follow your order" }).click();
  await expect(page.getByText("Paid", { exact: true })).toBeVisible();
  await context.close();
});
