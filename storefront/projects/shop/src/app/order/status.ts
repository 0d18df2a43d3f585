import { EntryView, OrderView } from "@kibble/shared";

/** One step of an order's way, as it shows. */
export interface Step {
  readonly text: string;
  readonly at: string | null;
  readonly state: "done" | "next" | "bad";
}

const SAYS: Readonly<Record<string, string>> = {
  PENDING: "Waiting for the payment",
  CONFIRMED: "Paid, and being packed",
  SHIPPED: "On its way",
  DELIVERED: "Delivered",
  CANCELLED: "Cancelled",
  RETURNED: "Sent back",
  REFUNDED: "Refunded",
};
const PARCEL_SAYS: Readonly<Record<string, string>> = {
  REQUESTED: "Being packed",
  LABELLED: "Being packed",
  IN_TRANSIT: "On its way",
  OUT_FOR_DELIVERY: "With you today",
  EXCEPTION: "Held up",
  DELIVERED: "Delivered",
  VOIDED: "Not sent",
};
const ENDED = new Set(["DELIVERED", "CANCELLED", "RETURNED", "REFUNDED"]);
const WAY = ["PENDING", "CONFIRMED", "SHIPPED", "DELIVERED"];
const DONE: Readonly<Record<string, string>> = { PENDING: "Ordered", CONFIRMED: "Paid", SHIPPED: "Shipped", DELIVERED: "Delivered" };

/** Return an order's state in a few words. */
export function says(order: Pick<OrderView, "status" | "paymentStatus">): string {
  if (order.status === "PENDING" && order.paymentStatus === "FAILED") return "The payment did not work";
  return SAYS[order.status] ?? order.status;
}

/** Return where a parcel is in a few words. */
export function parcelSays(parcel: { readonly status: string }): string {
  return PARCEL_SAYS[parcel.status] ?? parcel.status;
}

/** Whether an order will not move any more by itself: one that is cancelled does until what was paid is back. */
export function ended(order: Pick<OrderView, "status" | "paymentStatus">): boolean {
  return ENDED.has(order.status) && !(order.status === "CANCELLED" && order.paymentStatus === "PAID");
}

/** Whether the customer has to pay once more. */
export function unpaid(order: Pick<OrderView, "status" | "paymentStatus">): boolean {
  return order.status === "PENDING" && order.paymentStatus === "FAILED";
}

/** Whether the customer may still cancel. */
export function cancellable(order: Pick<OrderView, "status">): boolean {
  return order.status === "PENDING" || order.status === "CONFIRMED";
}

/** Return the way of an order: what was, and what is to come. */
export function steps(order: OrderView, entries: readonly EntryView[]): readonly Step[] {
  const when = (status: string) => moment(status, order, entries);
  if (order.status === "CANCELLED" || order.status === "RETURNED" || order.status === "REFUNDED") {
    const was = WAY.filter((status) => status === "PENDING" || when(status)).map((status) => step(status, when(status), "done"));
    return [...was, { text: SAYS[order.status] ?? order.status, at: order.updatedAt, state: "bad" }];
  }
  const reached = WAY.indexOf(order.status);
  return WAY.map((status, index) => step(status, index <= reached ? when(status) : null, index <= reached ? "done" : "next"));
}

function step(status: string, at: string | null, state: Step["state"]): Step {
  return { text: DONE[status] ?? status, at, state };
}

function moment(status: string, order: OrderView, entries: readonly EntryView[]): string | null {
  if (status === "PENDING") return order.createdAt;
  return entries.find((entry) => entry.type === `order.${status.toLowerCase()}`)?.at ?? null;
}
