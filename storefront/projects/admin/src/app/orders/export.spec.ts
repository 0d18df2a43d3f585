import { OrderView } from "@kibble/shared";
import { describe, expect, it } from "vitest";

import { tableOf } from "./export";

const ORDER = {
  id: "0193c1a0-0000-7000-8000-0000000000a1", createdAt: "2026-11-01T10:00:00Z", shippingAddress: { name: "Ann" }, status: "SHIPPED",
  paymentStatus: "PAID", items: [{ quantity: 2 }, { quantity: 1 }], amountDue: 12.5, refundedAmount: 0, currency: "USD",
} as unknown as OrderView;

describe("orders for a spreadsheet", () => {
  it("have the number that pages and messages show, and the e-mail of guest and customer", () => {
    const orders = [{ ...ORDER, userId: null, email: "guest@example.com" }, { ...ORDER, userId: "c1" }, { ...ORDER, userId: "c2" }];
    const [columns, ...rows] = tableOf(orders, new Map([["c1", "ann@example.com"]]));
    expect(columns?.slice(0, 5)).toEqual(["number", "order", "placed", "customer", "email"]);
    expect(rows.map((row) => [row[0], row[1], row[4], row[7]])).toEqual([
      ["#0000000000a1", ORDER.id, "guest@example.com", 3],
      ["#0000000000a1", ORDER.id, "ann@example.com", 3],
      ["#0000000000a1", ORDER.id, "", 3],
    ]);
  });
});
