import { asQuery, chips, readWish } from "./query";

describe("what a list is narrowed down to", () => {
  it("is read from the address, and goes to the API as it is", () => {
    const wish = readWish({ q: " salmon ", brand: "Norrvik", priceMin: "10", "attr.flavour": "salmon", sort: "price" });
    expect(asQuery(wish)).toMatchObject({ q: "salmon", brand: "Norrvik", priceMin: 10, sort: "price", "attr.flavour": "salmon" });
  });

  it("leaves out what makes no sense", () => {
    const wish = readWish({ priceMin: "cheap", priceMax: "-1", sort: "sideways", inStock: "maybe", onSale: "sure" });
    expect(asQuery(wish)).toEqual({});
  });

  it("can be what is on sale", () => {
    const wish = readWish({ onSale: "true" }, "Dog");
    expect(asQuery(wish)).toMatchObject({ category: "Dog", onSale: true });
    expect(chips(wish, String)).toEqual([{ text: "On sale", without: { onSale: null } }]);
  });

  it("shows each part with its undoing", () => {
    const wish = readWish({ priceMin: "10", priceMax: "25", "attr.lifeStage": "puppy" });
    const found = chips(wish, (amount) => `$${amount}`);
    expect(found).toEqual([
      { text: "$10 to $25", without: { priceMin: null, priceMax: null } },
      { text: "puppy", without: { "attr.lifeStage": null } },
    ]);
  });
});
