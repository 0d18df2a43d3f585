import { formatMoney } from "@kibble/shared";

const BROWSERS = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });

describe("what something costs", () => {
  it.each([0, 0.07, 1, 12.5, 29.95, 999.99, 1000, 1234.5, 1_234_567.89, -5, -1234.5])(
    "is written, to the cent, as the browser's own formatter writes it: %d",
    (amount) => expect(formatMoney(amount)).toBe(BROWSERS.format(amount)),
  );

  it("is written in other money too", () => expect(formatMoney(12.5, "EUR")).toBe("€12.50"));
});
