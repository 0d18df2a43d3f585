import { SubscribedItemView, SubscriptionView } from "@kibble/shared";

import { changeable, dateOf, dayOf, every, intervals, says, withChange } from "./words";

const FOOD = { id: "1", productId: "food", quantity: 2, nextDate: "2026-03-02", agreedPrice: 10, priceCap: 11, interval: { every: 4, unit: "week" } } as SubscribedItemView;
const TOY = { id: "2", productId: "toy", quantity: 1, nextDate: "2026-03-02", agreedPrice: 5, priceCap: 5.5, once: true } as SubscribedItemView;
const ACTIVE = { status: "ACTIVE", phase: "SCHEDULED", nextDate: "2026-03-02" } as SubscriptionView;

describe("an Autoship in words", () => {
  it("says how often", () => {
    expect(every({ every: 1, unit: "month" })).toBe("every month");
    expect(every({ every: 6, unit: "week" })).toBe("every 6 weeks");
  });

  it("names a calendar day the same in every time zone", () => {
    expect(dayOf("2026-03-02")).toBe("Mon, Mar 2");
    expect(dateOf(new Date(2026, 2, 2, 23, 59))).toBe("2026-03-02");
  });

  it("says what comes next, or why nothing does", () => {
    expect(says(ACTIVE)).toBe("Next on Mon, Mar 2");
    expect(says({ ...ACTIVE, phase: "RETRYING" })).toBe("The payment did not work");
    expect(says({ ...ACTIVE, status: "PAUSED", resumesOn: "2026-03-09" })).toBe("Paused until Mon, Mar 9");
    expect(says({ ...ACTIVE, status: "CANCELLED" })).toBe("Ended");
  });

  it("offers an interval that is not among the usual ones, when it is the one that is", () => {
    expect(intervals({ every: 2, unit: "month" })[0]).toEqual({ every: 2, unit: "month" });
    expect(intervals({ every: 4, unit: "week" }).filter((one) => one.every === 4)).toHaveLength(1);
  });
});

describe("changing a line of an Autoship", () => {
  it("leaves the others as they are", () => {
    const lines = withChange([FOOD, TOY], "1", { quantity: 3 });
    expect(lines).toEqual([
      { id: "1", productId: "food", quantity: 3, interval: { every: 4, unit: "week" } },
      { id: "2", productId: "toy", quantity: 1, once: true },
    ]);
  });

  it("takes a line out", () => {
    expect(withChange([FOOD, TOY], "2", null).map((line) => line.id)).toEqual(["1"]);
  });

  it("is over at the cut-off, and open while it is paused", () => {
    expect(changeable({ ...ACTIVE, changeUntil: "2000-01-01T00:00:00Z" })).toBe(false);
    expect(changeable({ ...ACTIVE, changeUntil: "2999-01-01T00:00:00Z" })).toBe(true);
    expect(changeable({ ...ACTIVE, phase: "SET_ASIDE", changeUntil: null })).toBe(false);
    expect(changeable({ ...ACTIVE, status: "PAUSED" })).toBe(true);
    expect(changeable({ ...ACTIVE, status: "CANCELLED" })).toBe(false);
  });

  it("is open while every line waits for an answer", () => {
    expect(changeable({ ...ACTIVE, nextDate: null, changeUntil: null })).toBe(true);
  });
});
