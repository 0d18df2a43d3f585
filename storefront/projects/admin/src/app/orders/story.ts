import { EntryView, formatMoney, PaymentView, ShipmentView, StatusView } from "@kibble/shared";

import { words } from "../core/texts";

/** A moment of an order's story: what happened, where it was told, and the rest of it in a line. */
export interface Moment {
  readonly at: string;
  readonly what: string;
  readonly source: "order" | "money" | "parcel" | "message" | "note";
  readonly more: string;
}

/** Return everything that happened to an order, the latest first. */
export function storyOf(
  entries: readonly EntryView[],
  shipments: readonly ShipmentView[],
  messages: readonly StatusView[],
  currency = "USD",
  payments: readonly Pick<PaymentView, "disputes">[] = [],
): readonly Moment[] {
  const scans = shipments.flatMap((shipment) =>
    shipment.history.map((scan): Moment => ({ at: scan.at, what: words(scan.status), source: "parcel", more: [shipment.carrier, shipment.trackingNumber, scan.place].filter(Boolean).join(" · ") })),
  );
  const told = messages.map((message): Moment => ({
    at: message.sentAt ?? message.createdAt,
    what: `${words(message.status)}: ${message.title}`,
    source: "message",
    more: [channel(message.channel), message.reason].filter(Boolean).join(" · "),
  }));
  const disputed = payments.flatMap((payment) =>
    payment.disputes.map((dispute): Moment => ({ at: dispute.openedAt, what: "Disputed", source: "money", more: [formatMoney(dispute.amount, dispute.currency), words(dispute.reasonCode ?? "").toLowerCase()].filter(Boolean).join(" · ") })),
  );
  const known = entries.filter((entry) => entry.type !== "shipment.updated" || scans.length === 0);
  return [...known.map((entry) => moment(entry, currency)), ...scans, ...told, ...disputed].sort((a, b) => b.at.localeCompare(a.at));
}

/** Return a channel's name as people write it. */
export function channel(name: string): string {
  return { email: "E-mail", sms: "SMS", in_app: "In the app" }[name] ?? name;
}

function moment(entry: EntryView, currency: string): Moment {
  const details = entry.details as Record<string, string | undefined>;
  if (entry.type === "staff.note") return { at: entry.at, what: details["text"] ?? "", source: "note", more: details["by"] ?? "" };
  const amount = details["amount"] ?? details["refunded"] ?? details["amountDue"];
  const more = [amount && formatMoney(Number(amount), currency), details["reason"], details["message"], details["carrier"], details["trackingNumber"], details["status"] && words(details["status"])];
  return { at: entry.at, what: words(entry.type), source: entry.type.startsWith("payment.") ? "money" : entry.type.startsWith("shipment.") ? "parcel" : "order", more: more.filter(Boolean).join(" · ") };
}
