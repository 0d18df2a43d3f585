import { expect, test } from "@playwright/test";

import { codeOf } from "./authenticator";
import { barriers } from "./barriers";
import { join, PASSWORD } from "./shopper";

/** The code of this step was used to turn the app on; a clock that is a step ahead is taken too. */
const NEXT_STEP_MS = 30_000;

test("an account gets a second factor and a new password, and other devices are signed out", async ({ browser }) => {
  const options = { reducedMotion: "reduce", viewport: { width: 390, height: 844 } } as const;
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const name = await join(page);
  const other = await (await browser.newContext(options)).newPage();
  const signIn = async (password: string) => {
    await other.goto("/sign-in");
    await other.getByLabel("Username or e-mail").fill(name);
    await other.getByLabel("Password").fill(password);
    await other.getByRole("button", { name: "Sign in", exact: true }).click();
  };
  await signIn(PASSWORD);
  await expect(other.getByRole("heading", { level: 1, name: "Orders" })).toBeVisible();

  await page.goto("/account/security");
  await expect(page.getByText("this one")).toBeVisible();
  const others = page.getByRole("button", { name: /^Sign out Chrome on Linux/ });
  await expect(others).toHaveCount(1);
  expect(await barriers(page)).toEqual([]);
  await others.click();
  await expect(others).toHaveCount(0);

  await page.getByRole("button", { name: "Set up an authenticator app" }).click();
  await expect(page.getByRole("img", { name: /^QR code/ })).toBeVisible();
  const secret = (await page.locator("code.secret").textContent())!;
  await page.getByLabel("The code that the app shows now").fill("000000");
  await page.getByRole("button", { name: "Turn it on" }).click();
  await expect(page.getByText("This is not the code that the app shows now.")).toBeVisible();
  expect(await barriers(page)).toEqual([]);
  await page.getByLabel("The code that the app shows now").fill(codeOf(secret));
  await page.getByRole("button", { name: "Turn it on" }).click();
  await expect(page.getByText("They show this once")).toBeVisible();
  const recovery = (await page.locator(".codes code").first().textContent())!;
  expect(await barriers(page)).toEqual([]);
  await page.getByRole("button", { name: "I have written them down" }).click();
  await expect(page.getByText(/Signing in asks for a code of your app/)).toBeVisible();

  await page.getByLabel("Password until now").fill("not-my-password-1");
  await page.getByLabel("New password").fill("a-louder-heron-77");
  await page.getByRole("button", { name: "Change my password" }).click();
  await expect(page.getByText("This is not your password until now.")).toBeVisible();
  await page.getByLabel("Password until now").fill(PASSWORD);
  await page.getByRole("button", { name: "Change my password" }).click();
  await expect(page.getByText("Your password is changed.")).toBeVisible();

  await signIn("a-louder-heron-77");
  await other.getByLabel("Code from your app").fill(recovery);
  await other.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(other.getByRole("heading", { level: 1, name: "Orders" })).toBeVisible();

  await other.getByRole("button", { name: "Sign out" }).click();
  await expect(other.getByRole("link", { name: "Sign in" }).first()).toBeAttached();
  await signIn("a-louder-heron-77");
  await other.getByLabel("Code from your app").fill(codeOf(secret, Date.now() + NEXT_STEP_MS));
  await other.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(other.getByRole("heading", { level: 1, name: "Orders" })).toBeVisible();

  await page.reload();
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(others).toHaveCount(0);
  await page.getByRole("button", { name: "Turn it off" }).click();
  await page.getByRole("button", { name: "Yes, turn it off" }).click();
  await expect(page.getByRole("button", { name: "Set up an authenticator app" })).toBeVisible();
  await context.close();
  await other.context().close();
});
