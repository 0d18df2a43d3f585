import { describe, expect, it } from "vitest";

import { beginningOf, dayOf, periodFields, periodOf } from "./period";

describe("a period", () => {
  it("comes back from its fields as it was", () => {
    const period = { startsAt: "2026-12-04T15:00:00.000Z", endsAt: null };
    const values = Object.fromEntries(periodFields(period).map((field) => [field.name, field.value ?? ""]));
    expect(periodOf(values)).toEqual(period);
  });

  it("begins a day when it begins in the reader's place", () => {
    expect(beginningOf("2026-11-29")).toBe(new Date(2026, 10, 29).toISOString());
    expect(dayOf(beginningOf("2026-11-29"))).toBe("2026-11-29");
    expect([beginningOf(""), dayOf(null)]).toEqual([null, ""]);
  });
});
