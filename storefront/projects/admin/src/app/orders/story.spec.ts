import { StatusView } from "@kibble/shared";
import { describe, expect, it } from "vitest";

import { storyOf } from "./story";

const MAIL: StatusView = {
  id: "m", type: "order_confirmed", customerId: null, channel: "email", status: "FAILED", attempts: 8, reason: "mailbox full",
  title: "Thank you", createdAt: "2026-03-02T10:00:02Z", dueAt: "2026-03-02T10:00:02Z", sentAt: null,
};

describe("an order's story", () => {
  it("puts order, money and messages in one order, the latest first", () => {
    const story = storyOf(
      [
        { type: "order.placed", at: "2026-03-02T10:00:00Z", details: { amountDue: 12.5 } },
        { type: "payment.processed", at: "2026-03-02T10:00:01Z", details: {} },
      ],
      [],
      [MAIL],
    );
    expect(story.map((moment) => moment.what)).toEqual(["Failed: Thank you", "Payment received", "Order placed"]);
    expect(story[0]!.more).toBe("E-mail · mailbox full");
    expect(story[2]!.more).toBe("$12.50");
  });

  it("shows a note as it was written, and by whom", () => {
    const [note] = storyOf([{ type: "staff.note", at: "2026-03-02T10:00:00Z", details: { text: "Called", by: "sam" } }], [], []);
    expect(note).toMatchObject({ what: "Called", source: "note", more: "sam" });
  });

  it("tells of a dispute when it was opened", () => {
    const dispute = { id: "dp", amount: 12.5, withdrawn: 12.5, fee: 15, currency: "USD", status: "OPEN" as const, reasonCode: "fraudulent", openedAt: "2026-03-03T09:00:00Z", respondBy: null };
    const [latest] = storyOf([{ type: "order.placed", at: "2026-03-02T10:00:00Z", details: {} }], [], [], "USD", [{ disputes: [dispute] }]);
    expect(latest).toMatchObject({ at: dispute.openedAt, what: "Disputed", source: "money", more: "$12.50 · fraudulent" });
  });
});
