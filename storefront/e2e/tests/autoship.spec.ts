import { expect, test } from "@playwright/test";

import { barriers } from "./barriers";
import { join, products } from "./shopper";

test("food becomes an Autoship, is skipped, changed, swapped, paused, ordered now and cancelled in three clicks", async ({ browser }) => {
  const context = await browser.newContext({ reducedMotion: "reduce", viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  const [food, other] = await products(page);
  await join(page);
  await page.goto("/account/autoship");
  await expect(page.getByText("Nothing comes by itself yet")).toBeVisible();
  expect(await barriers(page)).toEqual([]);

  await page.goto(`/p/${food!.id}`);
  await page.getByRole("radio", { name: /^Autoship/ }).check();
  await page.getByLabel("How often").selectOption({ label: "every 6 weeks" });
  await expect(page.getByText(/\$[\d.]+ every 6 weeks/)).toBeVisible();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("link", { name: "Set up Autoship" }).click();
  await expect(page.getByRole("heading", { name: "Start an Autoship" })).toBeVisible();
  await page.getByLabel("Full name").fill("Sam Carter");
  await page.getByLabel("Street and number").fill("123 Main St");
  await page.getByLabel("ZIP code").fill("02118");
  await page.getByLabel("City").fill("Boston");
  await page.getByLabel("State", { exact: true }).selectOption("MA");
  const later = new Date(Date.now() + 20 * 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel("First order on").fill(later);
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("button", { name: "Start Autoship" }).click();

  await expect(page.getByRole("heading", { level: 1, name: food!.name })).toBeVisible();
  const status = page.locator("p.tag[role=status]");
  await expect(status).toHaveText(/^Next on /);
  expect(await barriers(page)).toEqual([]);
  const id = page.url().split("/").at(-1)!;
  await page.goto(`/autoship/${id}`);
  await expect(page).toHaveURL(`/account/autoship/${id}`);

  const first = (await status.textContent())!;
  await page.getByRole("button", { name: "Skip the next one" }).click();
  await expect(status).not.toHaveText(first);
  await expect(status).toHaveText(/^Next on /);
  await page.getByRole("button", { name: /^One more of/ }).click();
  await expect(page.getByText(/^2 × \$/)).toBeVisible();
  await page.getByLabel(/^How often/).selectOption({ label: "every 2 weeks" });
  await expect(page.getByText(/^2 × \$.*every 2 weeks/)).toBeVisible();
  await page.getByRole("button", { name: /^Swap/ }).click();
  await page.getByLabel("Send instead").fill(other!.name);
  await page.getByRole("button", { name: "Find" }).click();
  await page.getByRole("button", { name: `Take ${other!.name}`, exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: other!.name })).toBeVisible();
  await page.getByRole("button", { name: "Pause" }).click();
  await expect(status).toHaveText("Paused");
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("button", { name: "Resume" }).click();
  await expect(status).toHaveText(/^Next on /);
  await page.getByRole("button", { name: "Order now" }).click();
  await expect(page.getByRole("link", { name: "See the last order" })).toBeVisible({ timeout: 40_000 });

  await page.goto("/account/autoship");
  await page.getByRole("link", { name: other!.name }).click();
  await page.getByRole("button", { name: "Cancel this Autoship" }).click();
  await page.getByRole("button", { name: "Yes, cancel it" }).click();
  await expect(status).toHaveText("Ended");
  await context.close();
});
