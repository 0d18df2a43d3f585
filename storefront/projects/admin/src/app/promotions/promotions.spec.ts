import { PromotionView } from "@kibble/shared";
import { describe, expect, it } from "vitest";

import { promotionOf, stageOf } from "./promotions";

const NOW = Date.parse("2026-11-29T12:00:00Z");
const stage = (startsAt: string, endsAt: string | null) => stageOf({ startsAt, endsAt } as PromotionView, NOW);

describe("a promotion", () => {
  it("is planned, on or over", () => {
    expect(stage("2026-12-04T00:00:00Z", null)).toBe("PLANNED");
    expect(stage("2026-11-01T00:00:00Z", null)).toBe("ON_NOW");
    expect(stage("2026-03-24T00:00:00Z", "2026-03-31T00:00:00Z")).toBe("OVER");
  });

  it("begins and ends at the times of the reader's place", () => {
    const made = promotionOf({ code: "FRIDAY", kind: "percent", worth: "20", description: "A fifth off", startsAt: "2026-12-04T09:00", endsAt: "" });
    expect(made).toMatchObject({ percent: 20, amount: null, startsAt: new Date(2026, 11, 4, 9).toISOString(), endsAt: null });
  });
});
