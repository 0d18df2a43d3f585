import { CategoryView, NewSale, SaleShown, SaleView } from "@kibble/shared";

import { Field, Values } from "../ui/action";

/** Return what a product costs when no sale is on. */
export function regularPrice(product: { readonly price: number; readonly sale?: SaleShown | null }): number {
  return product.sale?.regularPrice ?? product.price;
}

/** Return a price changed by a per cent, rounded to cents, half up. */
export function repriced(price: number, percent: number): number {
  const cents = Math.round(price * 100);
  return Math.floor((cents * (10_000 + Math.round(percent * 100)) + 5_000) / 10_000) / 100;
}

/** Return the fields that ask from when until when a sale is, filled in with those of `sale`. */
export function fieldsOf(sale: SaleView | null): readonly Field[] {
  return [
    { name: "startsAt", label: "From", kind: "moment", value: local(sale?.startsAt), hint: "your time; at once when empty" },
    { name: "endsAt", label: "Until", kind: "moment", value: local(sale?.endsAt), hint: "your time; until it is ended when empty" },
  ];
}

/** Return a sale as the API takes it; the times that were filled in are those of the reader's place. */
export function saleOf(price: number, values: Values): NewSale {
  return { price, startsAt: moment(values["startsAt"]), endsAt: moment(values["endsAt"]) };
}

function moment(text: string | undefined): string | null {
  return text ? new Date(text).toISOString() : null;
}

function local(moment: string | null | undefined): string {
  if (!moment) return "";
  const at = new Date(moment);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** Return a tree's categories in its order, each with how deep it stands. */
export function flatten(tree: readonly CategoryView[], depth = 0): readonly { readonly name: string; readonly depth: number }[] {
  return tree.flatMap((category) => [{ name: category.name, depth }, ...flatten(category.children, depth + 1)]);
}
