import { Problem } from "@kibble/shared";
import { describe, expect, it } from "vitest";

import { periodFields } from "../ui/period";
import { foretold, refuseFree, regularPrice, repriced, saleOf } from "./pricing";

describe("repricing", () => {
  it("rounds to cents, half up", () => {
    expect(repriced(9.99, 5)).toBe(10.49);
    expect(repriced(0.5, 1)).toBe(0.51);
    expect(repriced(20, -10)).toBe(18);
    expect(repriced(29.99, 12.5)).toBe(33.74);
  });
});

describe("changing many prices", () => {
  const products = [10, 20, 0, 30, 40].map((price, index) => ({ name: `Food ${index}`, price }));

  it("shows how many change, and the first from what to what, before it is done", () => {
    expect(foretold(products, -10)).toEqual([
      "4 of 5 prices change:",
      "Food 0: $10.00 → $9.00",
      "Food 1: $20.00 → $18.00",
      "Food 3: $30.00 → $27.00",
      "and 1 more",
    ]);
    expect(foretold(products, 0)).toEqual(["0 of 5 prices change."]);
    expect(foretold(products, Number("ten"))).toEqual([]);
  });

  it("makes nothing free that has a price", () => {
    for (const percent of [-100, -250, -99.99]) {
      expect(() => refuseFree(products, percent, "percent")).toThrow(Problem);
    }
    expect(() => refuseFree(products, -50, "percent")).not.toThrow();
    expect(() => refuseFree(products.slice(2, 3), 5, "percent")).not.toThrow();
  });
});

describe("a sale", () => {
  it("leaves the regular price to be changed", () => {
    expect(regularPrice({ price: 8 })).toBe(8);
    expect(regularPrice({ price: 8, sale: { regularPrice: 10, lowestPrice: 9, endsAt: null } })).toBe(10);
  });

  it("comes back from its form as it was", () => {
    const sale = { productId: "p", price: 8, regularPrice: 10, startsAt: "2026-03-02T15:00:00.000Z", endsAt: null, isOn: false, lowestPrice: null };
    const values = Object.fromEntries(periodFields(sale).map((field) => [field.name, field.value ?? ""]));
    expect(saleOf(8, values)).toEqual({ price: 8, startsAt: sale.startsAt, endsAt: null });
  });
});
