import { expect, Page } from "@playwright/test";

/** The password of accounts that journeys open. */
export const PASSWORD = "a-quiet-otter-42";

/** Return some products that can be bought as they are. */
export async function products(page: Page, query = "puppy dry food", count = 2) {
  const answer = await page.request.get("/api/products/search", { params: { q: query, inStock: "true", limit: "20" } });
  const found = (await answer.json()) as { id: string; name: string; kind: string; stock: number }[];
  return found.filter((one) => one.kind === "simple" && one.stock > 5).slice(0, count);
}

/** Put a product into the cart from its page. */
export async function put(page: Page, productId: string): Promise<void> {
  await page.goto(`/p/${productId}`);
  await page.getByRole("button", { name: "Add to cart", exact: true }).click();
  await expect(page.getByRole("link", { name: /^Cart, [1-9]/ })).toBeVisible();
}

/** Fill in the checkout as a guest. */
export async function fillIn(page: Page, email = "sam@example.com"): Promise<void> {
  await page.goto("/checkout");
  await page.getByLabel("E-mail, for the receipt").fill(email);
  await page.getByLabel("Full name").fill("Sam Carter");
  await page.getByLabel("Street and number").fill("123 Main St");
  await page.getByLabel("ZIP code").fill("02118");
  await page.getByLabel("City").fill("Boston");
  await page.getByLabel("State", { exact: true }).selectOption("MA");
  await expect(page.getByRole("radio", { name: /standard shipping/ })).toBeChecked();
}

/** Open an account and stay signed in; returns its username. Its password is `PASSWORD`. */
export async function join(page: Page): Promise<string> {
  const name = `sam-${crypto.randomUUID().slice(0, 8)}`;
  await page.goto("/register");
  await page.getByLabel("Username").fill(name);
  await page.getByLabel("E-mail").fill(`${name}@example.com`);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Open my account" }).click();
  await expect(page.getByRole("heading", { name: "Profile" })).toBeVisible();
  return name;
}
