import { expect, Page, test } from "@playwright/test";

import { barriers } from "./barriers";
import { linkTo } from "./mailbox";
import { join, PASSWORD } from "./shopper";

const NEW = "a-louder-heron-77";

async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel("Username or e-mail").fill(name);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("a forgotten password is set anew by a link that holds once, and all sessions end", async ({ page, browser }) => {
  const name = await join(page);
  const other = await (await browser.newContext()).newPage();
  await other.goto("/sign-in");
  await other.getByRole("link", { name: "I forgot my password" }).click();
  await other.getByLabel("Your e-mail").fill(`${name}@example.com`);
  expect(await barriers(other)).toEqual([]);
  await other.getByRole("button", { name: "Send me a link" }).click();
  await expect(other.getByText("a link is on its way")).toBeVisible();

  const link = await linkTo("/reset-password", `${name}@example.com`);
  const set = async () => {
    await other.goto("about:blank");
    await other.goto(link);
    await other.getByLabel("New password").fill(NEW);
    await other.getByRole("button", { name: "Set it" }).click();
  };
  await set();
  await expect(other.getByText("Your new password holds.")).toBeVisible();
  expect(await barriers(other)).toEqual([]);
  await set();
  await expect(other.getByRole("alert")).toBeVisible();

  await other.goto("/sign-in");
  await signIn(other, name, PASSWORD);
  await expect(other.getByText("Username and password do not fit.")).toBeVisible();
  await signIn(other, name, NEW);
  await expect(other.getByRole("heading", { level: 1, name: "Orders" })).toBeVisible();
  await expect(async () => {
    await page.goto("/account/security"); // what has ended is followed every ten seconds
    await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await other.context().close();
});
