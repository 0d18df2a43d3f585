import { describe, expect, it } from "vitest";

import { duration, orderNumber, reasonOf, tone, words } from "./texts";

describe("texts", () => {
  it("words states and events", () => {
    expect(words("PARTIALLY_REFUNDED")).toBe("Partially refunded");
    expect(words("payment.refunded")).toBe("Refund paid out");
  });

  it("names an order by the end of its id", () => {
    expect(orderNumber("0193c1a0-0000-7000-8000-0000000000a1")).toBe("#0000000000a1");
  });

  it("leaves the reasons that staff wrote as they are", () => {
    expect(reasonOf("order_released")).toBe("Order released");
    expect(reasonOf("Damaged by fork-lift, Bay 4")).toBe("Damaged by fork-lift, Bay 4");
  });

  it("tells what needs a look", () => {
    expect(tone("FAILED")).toBe("bad");
    expect(tone("SOMETHING_NEW")).toBe("plain");
  });

  it("rounds durations to one unit", () => {
    expect([duration(12.4), duration(180), duration(7200)]).toEqual(["12 s", "3 min", "2 h"]);
  });
});
