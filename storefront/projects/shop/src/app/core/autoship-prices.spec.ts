import { AutoshipPriceView } from "@kibble/shared";

import { saving } from "./autoship-prices";

const PRICE: AutoshipPriceView = { productId: "food", quantity: 1, full: 29.99, first: 23.99, later: 28.49 };

describe("what Autoship saves", () => {
  it("tells the first order's share from that of the others", () => {
    expect(saving({ ...PRICE, firstPercent: 20, laterPercent: 5 })).toBe("Save 20% on the first, 5% on each after");
    expect(saving({ ...PRICE, firstPercent: 20 })).toBe("Save 20% on the first");
  });

  it("is one share for who has had a first order", () => {
    expect(saving({ ...PRICE, firstPercent: 5, laterPercent: 5 })).toBe("Save 5% each time");
  });

  it("is not told where it is no share of Autoship's own", () => {
    expect(saving(PRICE)).toBeNull();
  });
});
