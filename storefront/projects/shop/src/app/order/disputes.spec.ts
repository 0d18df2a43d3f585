import { DisputeView } from "@kibble/shared";

import { asked } from "./disputes";

const OPEN: DisputeView = { id: "dp_1", amount: 45.99, currency: "USD", status: "OPEN", openedAt: "2026-03-02T15:00:00Z" };

function told(dispute: DisputeView, paymentMethod = "CreditCard"): string {
  return asked([{ paymentMethod, disputes: [dispute] }])[0]!.text;
}

describe("a dispute of a payment", () => {
  it("is told as the bank's question while it is open", () => {
    expect(told(OPEN)).toContain("Your bank has asked about this payment ($45.99).");
    expect(told(OPEN, "PayPal")).toContain("PayPal has asked about this payment");
  });

  it("is told how it ended", () => {
    expect(told({ ...OPEN, status: "WON" })).toContain("it stands");
    expect(told({ ...OPEN, status: "LOST" })).toContain("$45.99 is yours again");
  });

  it("keeps what is between shop and provider to itself", () => {
    expect(told({ ...OPEN, fee: 15, withdrawn: 45.99, reasonCode: "fraudulent" })).not.toMatch(/15|fraud/);
  });

  it("stands before older ones", () => {
    const later = { ...OPEN, id: "dp_2", openedAt: "2026-04-02T15:00:00Z" };
    expect(asked([{ paymentMethod: "CreditCard", disputes: [OPEN, later] }]).map((one) => one.id)).toEqual(["dp_2", "dp_1"]);
  });
});
