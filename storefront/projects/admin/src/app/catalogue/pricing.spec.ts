import { describe, expect, it } from "vitest";

import { periodFields } from "../ui/period";
import { regularPrice, repriced, saleOf } from "./pricing";

describe("repricing", () => {
  it("rounds to cents, half up", () => {
    expect(repriced(9.99, 5)).toBe(10.49);
    expect(repriced(0.5, 1)).toBe(0.51);
    expect(repriced(20, -10)).toBe(18);
    expect(repriced(29.99, 12.5)).toBe(33.74);
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
