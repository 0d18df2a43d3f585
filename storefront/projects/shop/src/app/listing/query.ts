import { Params } from "@angular/router";
import { Sort } from "@kibble/shared";

/** What a list is narrowed down to: all of it stands in the address. */
export interface Wish {
  readonly q?: string;
  readonly category?: string;
  readonly brand?: string;
  readonly priceMin?: number;
  readonly priceMax?: number;
  readonly inStock?: boolean;
  readonly onSale?: boolean;
  readonly sort?: Sort;
  /** Values by attribute. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** The orders that a list may have, with their words. */
export const SORTS: readonly (readonly [Sort, string])[] = [
  ["relevance", "Best match"],
  ["popularity", "Most bought"],
  ["rating", "Best rated"],
  ["price", "Cheapest first"],
  ["-price", "Dearest first"],
  ["newest", "Newest"],
];
const ATTRIBUTE = "attr.";

/** Read a wish from an address; what makes no sense is left out. */
export function readWish(params: Params, category?: string): Wish {
  const attributes = Object.entries(params)
    .filter(([name, value]) => name.startsWith(ATTRIBUTE) && value)
    .map(([name, value]) => [name.slice(ATTRIBUTE.length), String(value)]);
  return {
    q: text(params["q"]),
    category: category ?? text(params["category"]),
    brand: text(params["brand"]),
    priceMin: amount(params["priceMin"]),
    priceMax: amount(params["priceMax"]),
    inStock: params["inStock"] === "true" ? true : undefined,
    onSale: params["onSale"] === "true" ? true : undefined,
    sort: SORTS.find(([sort]) => sort === params["sort"])?.[0],
    attributes: Object.fromEntries(attributes),
  };
}

/** Return a wish as the API's query. */
export function asQuery(wish: Wish): Record<string, string | number | boolean | undefined> {
  const { attributes, ...rest } = wish;
  const named = Object.entries(attributes).map(([name, value]) => [ATTRIBUTE + name, value]);
  return { ...rest, ...(Object.fromEntries(named) as Record<string, string>) };
}

/** One thing that a list is narrowed down by: its words, and the parameters that undo it. */
export interface Chip {
  readonly text: string;
  readonly without: Params;
}

/** Return what a list is narrowed down by, each with its undoing. */
export function chips(wish: Wish, money: (amount: number) => string): readonly Chip[] {
  const found: Chip[] = [];
  if (wish.brand) found.push({ text: wish.brand, without: { brand: null } });
  if (wish.priceMin !== undefined || wish.priceMax !== undefined) {
    found.push({ text: range(wish, money), without: { priceMin: null, priceMax: null } });
  }
  if (wish.inStock) found.push({ text: "In stock", without: { inStock: null } });
  if (wish.onSale) found.push({ text: "On sale", without: { onSale: null } });
  for (const [name, value] of Object.entries(wish.attributes)) {
    found.push({ text: value, without: { [ATTRIBUTE + name]: null } });
  }
  return found;
}

function range(wish: Wish, money: (amount: number) => string): string {
  if (wish.priceMin === undefined) return `up to ${money(wish.priceMax ?? 0)}`;
  if (wish.priceMax === undefined) return `from ${money(wish.priceMin)}`;
  return `${money(wish.priceMin)} to ${money(wish.priceMax)}`;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() ? value.trim() : undefined;
}

function amount(value: unknown): number | undefined {
  const found = Number(text(value));
  return Number.isFinite(found) && found >= 0 && text(value) ? found : undefined;
}
