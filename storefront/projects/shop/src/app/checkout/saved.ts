import { SavedMethodView } from "@kibble/shared";

/** Return what a customer knows a saved way to pay by: "Visa •••• 4242, ends 04/2030". */
export function nameOf(saved: Pick<SavedMethodView, "brand" | "last4" | "expires" | "paymentMethod">): string {
  if (saved.paymentMethod === "PayPal") return "PayPal account";
  const brand = saved.brand ?? "card";
  const name = brand.charAt(0).toUpperCase() + brand.slice(1);
  const [year, month] = (saved.expires ?? "").split("-");
  return `${name}${saved.last4 ? ` •••• ${saved.last4}` : ""}${month ? `, ends ${month}/${year}` : ""}`;
}

/** Tell whether a card has ended by a day. */
export function ended(saved: Pick<SavedMethodView, "expires">, today: Date): boolean {
  const [year, month] = (saved.expires ?? "").split("-").map(Number);
  return Boolean(year && month) && new Date(year!, month!, 1) <= today;
}
