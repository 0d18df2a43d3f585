import { CartView } from "@kibble/shared";

import { Change, shown, Wanted, withChange } from "./cart.model";

const FOOD: Wanted = { id: "food", name: "Salmon food", price: 29.99, image: null };
const BALL: Wanted = { id: "ball", name: "Ball", price: 7.5, image: null };

function change(product: Wanted, quantity: number, key = "k"): Change {
  return { product, quantity, key };
}

function cart(quantity: number, problem?: { code: string; detail: string; available?: number }): CartView {
  const line = { productId: "food", name: FOOD.name, image: null, quantity, price: 29.99, lineTotal: 29.99 * quantity, problem };
  return {
    id: "c1",
    items: [line],
    subtotal: 29.99 * quantity,
    tax: 0,
    shipping: 4,
    discount: 0,
    total: 29.99 * quantity + 4,
    currency: "USD",
    createdAt: "2026-03-02T15:00:00Z",
    updatedAt: "2026-03-02T15:00:00Z",
  };
}

describe("a cart as it shows", () => {
  it("has what is wanted before the shop has answered", () => {
    const found = shown(null, [change(FOOD, 2), change(BALL, 1)]);
    expect(found.count).toBe(3);
    expect(found.subtotal).toBe(67.48);
    expect(found.guessed).toBe(true);
  });

  it("has the shop's own sums once nothing waits", () => {
    const found = shown(cart(2), []);
    expect(found.total).toBe(63.98);
    expect(found.guessed).toBe(false);
  });

  it("adds what shipping costs to the sums that it guesses", () => {
    expect(shown(cart(1), [change(FOOD, 3)]).total).toBe(93.97);
  });

  it("leaves out what was taken out", () => {
    expect(shown(cart(1), [change(FOOD, 0)]).lines).toEqual([]);
  });

  it("forgets that too few are left once so few are wanted", () => {
    const short = { code: "not-enough-stock", detail: "Only 3 left.", available: 3 };
    expect(shown(cart(9, short), [change(FOOD, 3)]).lines[0]?.problem).toBeUndefined();
    expect(shown(cart(9, short), [change(FOOD, 5)]).lines[0]?.problem).toEqual(short);
  });
});

describe("changes that wait", () => {
  it("are one a product: the last one counts", () => {
    const list = withChange([change(FOOD, 1, "a"), change(BALL, 1, "b")], change(FOOD, 4, "c"), null);
    expect(list.map((one) => one.key)).toEqual(["b", "c"]);
  });

  it("keep the one that is on its way, since its answer is still to come", () => {
    const sending = change(FOOD, 1, "a");
    expect(withChange([sending], change(FOOD, 2, "b"), sending).map((one) => one.key)).toEqual(["a", "b"]);
  });
});
