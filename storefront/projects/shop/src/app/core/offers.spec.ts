import { OfferView } from "@kibble/shared";

import { autoshipOffer, inWords } from "./offers";

function offer(audience: string, percent: number, minimum = 0): OfferView {
  return { kind: "percent", description: "", audience, minimum, percent };
}

describe("what Autoship saves", () => {
  it("is the best of the first order's, and of all orders'", () => {
    const found = autoshipOffer([offer("autoship", 5), offer("first_autoship", 10), offer("first_autoship", 20)]);
    expect(found).toEqual({ first: 20, later: 5 });
    expect(inWords(found!)).toBe("Save 20% on the first, 5% on each after");
  });

  it("counts for the first order as well when that has none of its own", () => {
    expect(inWords(autoshipOffer([offer("autoship", 5)])!)).toBe("Save 5% each time");
  });

  it("is not promised where it needs a large basket, or is for others", () => {
    expect(autoshipOffer([offer("autoship", 5, 40), offer("everyone", 10)])).toBeNull();
  });
});
