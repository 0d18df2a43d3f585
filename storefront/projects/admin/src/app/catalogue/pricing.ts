import { CategoryView, formatMoney, NewSale, Problem, SaleShown } from "@kibble/shared";

import { Values } from "../ui/action";
import { periodOf } from "../ui/period";

/** Return what a product costs when no sale is on. */
export function regularPrice(product: { readonly price: number; readonly sale?: SaleShown | null }): number {
  return product.sale?.regularPrice ?? product.price;
}

/** Return a price changed by a per cent, rounded to cents, half up. */
export function repriced(price: number, percent: number): number {
  const cents = Math.round(price * 100);
  return Math.floor((cents * (10_000 + Math.round(percent * 100)) + 5_000) / 10_000) / 100;
}

const SHOWN = 3;

/** What is given a price: its name, and what it costs when no sale is on. */
export interface Priced {
  readonly name: string;
  readonly price: number;
  readonly sale?: SaleShown | null;
}

/** Return what changing prices by a per cent would do: how many change, and the first of them from what to what. */
export function foretold(products: readonly Priced[], percent: number): readonly string[] {
  if (Number.isNaN(percent)) return [];
  const changing = products
    .map((product) => ({ name: product.name, from: regularPrice(product), to: repriced(regularPrice(product), percent) }))
    .filter(({ from, to }) => from !== to);
  const lines = changing.slice(0, SHOWN).map(({ name, from, to }) => `${name}: ${formatMoney(from)} → ${formatMoney(to)}`);
  const more = changing.length - lines.length;
  return [`${changing.length} of ${products.length} prices change${lines.length ? ":" : "."}`, ...lines, ...(more ? [`and ${more} more`] : [])];
}

/** Refuse a per cent at which a product that has a price would be free, or cost less than nothing; `field` is where it was filled in. */
export function refuseFree(products: readonly Priced[], percent: number, field: string): void {
  const free = products.filter((product) => regularPrice(product) > 0 && repriced(regularPrice(product), percent) <= 0);
  if (!free.length) return;
  const detail = `would leave ${free[0]?.name}${free.length > 1 ? ` and ${free.length - 1} more` : ""} without a price above 0`;
  throw new Problem(400, "free", "No price was changed.", [{ pointer: `/${field}`, detail }]);
}

/** Return a sale as the API takes it; the times that were filled in are those of the reader's place. */
export function saleOf(price: number, values: Values): NewSale {
  return { price, ...periodOf(values) };
}

/** Return a tree's categories in its order, each with how deep it stands. */
export function flatten(tree: readonly CategoryView[], depth = 0): readonly { readonly name: string; readonly depth: number }[] {
  return tree.flatMap((category) => [{ name: category.name, depth }, ...flatten(category.children, depth + 1)]);
}
