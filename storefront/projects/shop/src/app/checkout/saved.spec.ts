import { ended, nameOf } from "./saved";

describe("a saved way to pay", () => {
  it("is called by its brand, its last digits and its end", () => {
    expect(nameOf({ paymentMethod: "CreditCard", brand: "visa", last4: "4242", expires: "2030-04" })).toBe("Visa •••• 4242, ends 04/2030");
    expect(nameOf({ paymentMethod: "CreditCard" })).toBe("Card");
    expect(nameOf({ paymentMethod: "PayPal", brand: "paypal" })).toBe("PayPal account");
  });

  it("has ended once its last month is over", () => {
    expect(ended({ expires: "2026-11" }, new Date(2026, 10, 30))).toBe(false);
    expect(ended({ expires: "2026-11" }, new Date(2026, 11, 1))).toBe(true);
    expect(ended({}, new Date(2026, 11, 1))).toBe(false);
  });
});
