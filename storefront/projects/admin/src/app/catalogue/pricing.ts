import { CategoryView, NewSale, SaleShown } from "@kibble/shared";

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

/** Return a sale as the API takes it; the times that were filled in are those of the reader's place. */
export function saleOf(price: number, values: Values): NewSale {
  return { price, ...periodOf(values) };
}

/** Return a tree's categories in its order, each with how deep it stands. */
export function flatten(tree: readonly CategoryView[], depth = 0): readonly { readonly name: string; readonly depth: number }[] {
  return tree.flatMap((category) => [{ name: category.name, depth }, ...flatten(category.children, depth + 1)]);
}
