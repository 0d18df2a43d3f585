import { OrderView } from "@kibble/shared";

import { ended, says, steps, unpaid } from "./status";

const ORDER = { status: "PENDING", paymentStatus: "FAILED", createdAt: "2026-03-02T15:00:00Z", updatedAt: "2026-03-02T16:00:00Z" } as OrderView;

describe("an order's state", () => {
  it("is looked at until what was paid for a cancelled order is back", () => {
    expect(ended({ status: "CANCELLED", paymentStatus: "PAID" })).toBe(false);
    expect(ended({ status: "CANCELLED", paymentStatus: "REFUNDED" })).toBe(true);
    expect(ended({ status: "CANCELLED", paymentStatus: "FAILED" })).toBe(true);
    expect(ended({ status: "DELIVERED", paymentStatus: "PAID" })).toBe(true);
  });

  it("asks for another payment when one failed", () => {
    expect(unpaid(ORDER)).toBe(true);
    expect(says(ORDER)).toBe("The payment did not work");
  });

  it("shows what was and what is to come", () => {
    const entries = [{ type: "order.confirmed", at: "2026-03-02T15:05:00Z", details: {} }];
    const found = steps({ ...ORDER, status: "CONFIRMED", paymentStatus: "PAID" }, entries);
    expect(found.map((step) => step.state)).toEqual(["done", "done", "next", "next"]);
    expect(found[1]?.at).toBe("2026-03-02T15:05:00Z");
  });

  it("ends where it was cancelled", () => {
    const found = steps({ ...ORDER, status: "CANCELLED" }, []);
    expect(found.map((step) => step.text)).toEqual(["Ordered", "Cancelled"]);
    expect(found.at(-1)?.state).toBe("bad");
  });
});
