import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { APIRequestContext, Browser, expect, Locator, Page } from "@playwright/test";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const KIBBLE = fileURLToPath(new URL("../../../.venv/bin/kibble", import.meta.url));
const PYTHON = fileURLToPath(new URL("../../../.venv/bin/python", import.meta.url));
/** The data folder of the shop that journeys visit. */
export const FOLDER = process.env["KIBBLE_DATA_DIR"] ?? `${ROOT}data`;
const SCOPES =
  "catalog:write inventory:write orders:read orders:write payments:read payments:write customers:read customers:write shipping:write notifications:write events:admin webhooks:admin staff:admin audit:read";

export const ADDRESS = { street: "12 Elm St", city: "Boston", state: "MA", zipCode: "02118" };

/** Run a command of Kibble's on the shop's data folder; return what it prints. */
export function kibble(...words: string[]): string {
  return execFileSync(KIBBLE, [...words, "--data-dir", FOLDER], { encoding: "utf8" }).trim();
}

/** Park a payment's event for Order, as a consumer that could not apply it would have. */
export function parkPayment(orderId: string, amount: number): void {
  execFileSync(PYTHON, ["-m", "tests.fixtures.park_payment", FOLDER, orderId, String(Math.round(amount * 100))], { cwd: ROOT });
}

/** Open the back office as a member of staff with every scope, by a token of the command line. */
export async function staffPage(browser: Browser, viewport = { width: 1280, height: 800 }): Promise<Page> {
  const context = await browser.newContext({ viewport, timezoneId: "UTC", locale: "en-US" });
  const page = await context.newPage();
  await page.goto("/admin/");
  await page.getByRole("button", { name: "Sign in with a token" }).click();
  await page.getByLabel("Token").fill(kibble("token", "--client", "e2e", "--scope", SCOPES));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
  return page;
}

export interface Customer {
  readonly id: string;
  readonly lastName: string;
  readonly token: string;
}

/** Register a customer whose last name nobody else has. */
export async function customer(request: APIRequestContext): Promise<Customer> {
  const word = Math.random().toString(36).replace(/[^a-z]/g, "").slice(0, 8);
  const lastName = `Van${word}`;
  const data = { username: `ann.${word}`, email: `ann.${word}@example.com`, password: "correct horse battery", name: `Ann ${lastName}` };
  const answer = await request.post("/api/customers", { data });
  expect(answer.status()).toBe(201);
  const { id } = (await answer.json()) as { id: string };
  return { id, lastName, token: kibble("token", "--customer", id) };
}

export interface Order {
  readonly id: string;
  readonly amountDue: number;
  readonly status: string;
  readonly paymentStatus: string;
  readonly refundedAmount: number;
}

/** Return products that can be bought, with plenty of them, at their usual price. */
export async function products(request: APIRequestContext, count: number): Promise<{ id: string; name: string; price: number; sku: string }[]> {
  const found = await (await request.get("/api/products/search?q=dog&limit=100&inStock=true")).json();
  return found.filter((each: { kind: string; stock: number; sale?: object | null }) => each.kind === "simple" && each.stock > 20 && !each.sale).slice(-count);
}

/** Place an order; by default its payment succeeds. */
export async function placed(request: APIRequestContext, buyer: Customer, lines = 1, paymentToken = "tok_ok"): Promise<Order> {
  const items = (await products(request, lines)).map(({ id, price }) => ({ productId: id, quantity: 1, price }));
  const totalAmount = Math.round(items.reduce((sum, item) => sum + item.price * 100, 0)) / 100;
  const data = { userId: buyer.id, items, totalAmount, shippingAddress: { ...ADDRESS, name: `Ann ${buyer.lastName}` }, paymentMethod: "CreditCard", paymentToken };
  const answer = await request.post("/api/orders", { data, headers: { Authorization: `Bearer ${buyer.token}` } });
  expect(answer.status()).toBe(201);
  return (await answer.json()) as Order;
}

/** Return an order as its customer sees it. */
export async function seen(request: APIRequestContext, buyer: Customer, orderId: string): Promise<Order> {
  return (await (await request.get(`/api/orders/${orderId}`, { headers: { Authorization: `Bearer ${buyer.token}` } })).json()) as Order;
}

/** Wait until an order has come so far. */
export async function until(request: APIRequestContext, buyer: Customer, orderId: string, isSo: (order: Order) => boolean): Promise<void> {
  await expect.poll(async () => isSo(await seen(request, buyer, orderId)), { timeout: 30_000 }).toBe(true);
}

/** A hand that counts its clicks: an operator's task takes six at most. */
export class Hand {
  clicks = 0;

  async click(what: Locator): Promise<void> {
    this.clicks += 1;
    await what.click();
  }
}

/** Return the number by which people name an order. */
export function numberOf(orderId: string): string {
  return `#${orderId.slice(-12)}`;
}
