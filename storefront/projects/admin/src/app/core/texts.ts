/** How the back office words what the API names. */

const WORDS: Readonly<Record<string, string>> = {
  "order.placed": "Order placed",
  "order.confirmed": "Order confirmed",
  "order.shipped": "Order shipped",
  "order.delivered": "Order delivered",
  "order.cancelled": "Order cancelled",
  "order.returned": "Order returned",
  "order.refunded": "Order refunded",
  "payment.processed": "Payment received",
  "payment.failed": "Payment failed",
  "payment.refund_initiated": "Refund started",
  "payment.refunded": "Refund paid out",
  "shipment.updated": "Parcel",
  "staff.note": "Note",
};

/** Return `PARTIALLY_REFUNDED` or `order_shipped` as words: "Partially refunded", "Order shipped". */
export function words(name: string): string {
  const known = WORDS[name];
  if (known) return known;
  const text = name.replace(/[._-]/g, " ").toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Return why stock changed: a name of the shop's own as words, what staff wrote as they wrote it. */
export function reasonOf(reason: string): string {
  return /^[a-z_]+$/.test(reason) ? words(reason) : reason;
}

export { orderNumber } from "@kibble/shared";

/** Whether a message can be sent once more: not what was read here, nor what is still on its way. */
export function resendable(message: { readonly channel: string; readonly status: string }): boolean {
  return message.channel !== "in_app" && ["SENT", "FAILED"].includes(message.status);
}

/** What a state means to its reader. */
export type Tone = "good" | "warn" | "bad" | "plain";

const TONES: Readonly<Record<string, Tone>> = {
  PAID: "good",
  CONFIRMED: "good",
  DELIVERED: "good",
  SENT: "good",
  COMPLETED: "good",
  SUCCEEDED: "good",
  ON_NOW: "good",
  ON_SALE: "good",
  ACTIVE: "good",
  PENDING: "warn",
  PLANNED: "warn",
  PAUSED: "warn",
  PROCESSING: "warn",
  REQUIRES_ACTION: "warn",
  PARTIALLY_REFUNDED: "warn",
  retrying: "warn",
  SUPPRESSED: "warn",
  FAILED: "bad",
  CANCELLED: "bad",
  dead: "bad",
};

/** Return the tone of a state. */
export function tone(state: string): Tone {
  return TONES[state] ?? "plain";
}

/** Return seconds as people say them: "12 s", "3 min", "2 h". */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
