import { OrderView } from "@kibble/shared";

import { orderNumber } from "../core/texts";

const COLUMNS = ["number", "order", "placed", "customer", "email", "status", "payment", "units", "amount", "refunded", "currency"];

/** Return whom an order is for. */
export function recipient(order: OrderView): string {
  return order.shippingAddress["name"] ?? order.email ?? (order.userId ? "Customer" : "Forgotten person");
}

/** Return orders as a table for a spreadsheet; `emails` are those of customers, by their id: an order has only a guest's. */
export function tableOf(orders: readonly OrderView[], emails: ReadonlyMap<string, string>): readonly (readonly (string | number)[])[] {
  return [COLUMNS, ...orders.map((order) => row(order, order.email ?? emails.get(order.userId ?? "") ?? ""))];
}

function row(order: OrderView, email: string): readonly (string | number)[] {
  const units = order.items.reduce((sum, item) => sum + item.quantity, 0);
  return [
    orderNumber(order.id), order.id, order.createdAt, recipient(order), email, order.status, order.paymentStatus, units,
    order.amountDue, order.refundedAmount, order.currency,
  ];
}
