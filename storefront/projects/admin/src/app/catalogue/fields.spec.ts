import { describe, expect, it } from "vitest";

import { attributesOf, attributesText, keepTyped, listOf, orNull } from "./fields";

describe("a product's fields", () => {
  it("reads attributes as they were written", () => {
    const attributes = { brand: "BestPet", weightGrams: 1200, grainFree: true, size: "007" };
    expect(attributesOf(attributesText(attributes))).toEqual(attributes);
  });

  it("drops empty and double tags", () => {
    expect(listOf("dog, dry,, dog ")).toEqual(["dog", "dry"]);
  });

  it("patches what went away with null", () => {
    expect(orNull({ brand: "A", colour: "red" }, { brand: "B" })).toEqual({ brand: "B", colour: null });
  });

  it("keep what was typed when the product is read anew", () => {
    const before = { name: "Ball", price: "5.00", description: "Round" };
    const typed = { ...before, description: "Very round" };
    expect(keepTyped(typed, before, { ...before, price: "4.00", description: "Round." })).toEqual({ name: "Ball", price: "4.00", description: "Very round" });
  });
});
