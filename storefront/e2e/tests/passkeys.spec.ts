import { expect, Page, test } from "@playwright/test";

import { kibble } from "./admin.setup";
import { barriers } from "./barriers";
import { join, PASSWORD } from "./shopper";

/** Give a page a device that keeps passkeys and knows its holder: Chromium's own double of one. */
async function device(page: Page): Promise<void> {
  const client = await page.context().newCDPSession(page);
  await client.send("WebAuthn.enable");
  const options = { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } as const;
  await client.send("WebAuthn.addVirtualAuthenticator", { options });
}

test("a customer signs in with a passkey, renames it and removes it", async ({ page }) => {
  await device(page);
  const name = await join(page);
  await page.goto("/account/security");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByText("They show this once")).toBeVisible();
  await page.getByRole("button", { name: "I have written them down" }).click();
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("button", { name: "Rename Chrome on Linux" }).click();
  await page.getByLabel("What you call it").fill("My laptop");
  await page.getByRole("button", { name: "Save the name" }).click();
  await expect(page.getByText("My laptop")).toBeVisible();

  await page.context().clearCookies();
  await page.goto("/sign-in?return=/account/security");
  await page.getByLabel("Username or e-mail").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByLabel("Code from your app")).toBeVisible();
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page.getByText(/last used/i).first()).toBeVisible();

  await page.getByRole("button", { name: "Remove My laptop" }).click();
  await expect(page.getByText("My laptop")).toHaveCount(0);
});

test("a member of staff uses a passkey in place of a code", async ({ page, baseURL }) => {
  await device(page);
  const username = `sue-${Date.now()}`;
  const password = kibble("staff", "add", username, "--role", "admin", "--url", baseURL!).split(/\s+/).at(-1)!;
  const signIn = async () => {
    await page.goto("/admin/sign-in");
    await page.getByLabel("Username").fill(username);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
  };
  await signIn();
  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
  await page.goto("/admin/account");
  await page.getByLabel("Name of a passkey").fill("Key ring");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByText(/Key ring/)).toBeVisible();

  await page.context().clearCookies();
  await signIn();
  await page.getByRole("button", { name: "Use a passkey instead of a code" }).click();
  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
});
