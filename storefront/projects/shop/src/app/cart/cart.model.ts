import { CartLineView, CartView, fromCents, toCents } from "@kibble/shared";

/** What a line needs before the shop has answered. */
export interface Wanted {
  readonly id: string;
  readonly name: string;
  readonly price: number;
  readonly image: string | null;
}

/**
 * A change that the shop has not confirmed: so many of a product, 0 for none. The number is absolute, and `key` is its
 * Idempotency-Key, so that it may be sent again after an answer was lost.
 */
export interface Change {
  readonly product: Wanted;
  readonly quantity: number;
  readonly key: string;
}

/** A cart as it shows. */
export interface ShownCart {
  readonly lines: readonly CartLineView[];
  readonly count: number;
  readonly subtotal: number;
  readonly shipping: number;
  readonly tax: number;
  readonly discount: number;
  readonly total: number;
  readonly currency: string;
  /** What the products must come to for free shipping; null where there is no such thing. */
  readonly freeShippingFrom: number | null;
  /** Whether the sums wait for the shop's answer. */
  readonly guessed: boolean;
}

/** Return the cart as it will be when all changes are confirmed; sums are in minor units until the end. */
export function shown(cart: CartView | null, changes: readonly Change[]): ShownCart {
  const lines = changes.reduce(apply, cart?.items ?? []);
  const buyable = lines.filter((line) => line.problem?.code !== "gone");
  const subtotal = buyable.reduce((sum, line) => sum + toCents(line.price) * line.quantity, 0);
  const extra = toCents(cart?.shipping ?? 0) + toCents(cart?.tax ?? 0) - toCents(cart?.discount ?? 0);
  const guessed = changes.length > 0;
  return {
    lines,
    count: lines.reduce((sum, line) => sum + line.quantity, 0),
    subtotal: guessed ? fromCents(subtotal) : (cart?.subtotal ?? 0),
    shipping: cart?.shipping ?? 0,
    tax: cart?.tax ?? 0,
    discount: cart?.discount ?? 0,
    total: guessed ? fromCents(Math.max(0, subtotal + extra)) : (cart?.total ?? 0),
    currency: cart?.currency ?? "USD",
    freeShippingFrom: cart?.freeShippingFrom ?? null,
    guessed,
  };
}

function apply(lines: readonly CartLineView[], change: Change): readonly CartLineView[] {
  const { id, name, price, image } = change.product;
  if (change.quantity === 0) return lines.filter((line) => line.productId !== id);
  const found = lines.find((line) => line.productId === id);
  const lineTotal = (each: number) => fromCents(toCents(each) * change.quantity);
  if (!found) {
    return [...lines, { productId: id, name, image, price, quantity: change.quantity, lineTotal: lineTotal(price) }];
  }
  const left = found.problem?.available;
  const solved = left !== undefined && left !== null && change.quantity <= left && left > 0;
  const line = {
    ...found,
    quantity: change.quantity,
    lineTotal: lineTotal(found.price),
    problem: solved ? undefined : found.problem,
  };
  return lines.map((one) => (one === found ? line : one));
}

/** Return the changes with one more; a newer change of a product replaces an older one that was not sent yet. */
export function withChange(changes: readonly Change[], next: Change, sending: Change | null): readonly Change[] {
  return [...changes.filter((one) => one === sending || one.product.id !== next.product.id), next];
}
