import { describe, expect, it } from "vitest";

import { componentsOf, optionsOf } from "./assembly";

describe("assembling a product", () => {
  it("reads options", () => {
    expect(optionsOf("Size: S, M\nColour: red")).toEqual([{ name: "Size", values: ["S", "M"] }, { name: "Colour", values: ["red"] }]);
  });

  it("reads a bundle's contents, one unit where no number stands", () => {
    expect(componentsOf("2 x BAG-1\n\nTOY-9")).toEqual([{ sku: "BAG-1", quantity: 2 }, { sku: "TOY-9", quantity: 1 }]);
  });
});
