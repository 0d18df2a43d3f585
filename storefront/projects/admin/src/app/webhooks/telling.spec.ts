import { EventView, WebhookView } from "@kibble/shared";
import { describe, expect, it } from "vitest";

import { dayBegins, endpointFields, filledIn, outcome, standing } from "./telling";

const EVENTS: readonly EventView[] = [
  { type: "order.placed", about: "An order was accepted." },
  { type: "order.cancelled", about: "An order will not be fulfilled." },
];
const ERP: WebhookView = {
  id: "w1", url: "https://erp.example/", events: ["order.cancelled"], fields: "details", description: "ERP", contact: null,
  enabled: true, disabledReason: null, failingSince: null, secretsActive: 1, createdAt: "2026-03-02T15:00:00Z",
};

describe("a webhook", () => {
  it("says whether it is on, and why not", () => {
    expect(standing(ERP)).toBe("On");
    expect(standing({ ...ERP, failingSince: "2026-03-02T15:00:00Z" })).toBe("Failing");
    expect(standing({ ...ERP, enabled: false, disabledReason: "staff" })).toBe("Off");
    expect(standing({ ...ERP, enabled: false, disabledReason: "failing" })).toContain("five days");
    expect(standing({ ...ERP, enabled: false, disabledReason: "gone" })).toContain("gone");
  });

  it("comes back from its fields as it was", () => {
    const fields = endpointFields(EVENTS, ERP);
    const values = Object.fromEntries(fields.map((field) => [field.name, field.value ?? ""]));
    expect(filledIn(values, EVENTS)).toEqual({ url: ERP.url, description: "ERP", contact: null, fields: "details", events: ["order.cancelled"] });
  });

  it("begins with ids and no event", () => {
    const values = Object.fromEntries(endpointFields(EVENTS).map((field) => [field.name, field.value ?? ""]));
    expect(filledIn({ ...values, url: " https://a.example/ ", contact: "ops@example.com" }, EVENTS)).toEqual({
      url: "https://a.example/", description: "", contact: "ops@example.com", fields: "ids", events: [],
    });
  });
});

describe("a delivery", () => {
  it("says what came back", () => {
    const at = "2026-03-02T15:00:00Z";
    expect(outcome({ lastAttempt: null })).toBe("Not tried yet");
    expect(outcome({ lastAttempt: { at, status: 503, error: null, milliseconds: 12 } })).toBe("503, 12 ms");
    expect(outcome({ lastAttempt: { at, status: null, error: "There was no answer in time.", milliseconds: 10000 } })).toContain("in time");
  });
});

describe("a day", () => {
  it("begins at midnight", () => {
    expect(dayBegins(" 2026-03-02 ")).toBe("2026-03-02T00:00:00Z");
  });

  it("is none otherwise", () => {
    expect([dayBegins("2026-13-40"), dayBegins("yesterday"), dayBegins("")]).toEqual([null, null, null]);
  });
});
