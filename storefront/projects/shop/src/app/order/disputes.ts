import { DisputeView, formatMoney, PaymentView } from "@kibble/shared";

/** A dispute of a payment as its customer reads of it. */
export interface Asked {
  readonly id: string;
  readonly at: string;
  readonly text: string;
  /** Whether it is not decided yet. */
  readonly open: boolean;
}

/** Return what is told of the disputes of an order's payments, the latest first. */
export function asked(payments: readonly Pick<PaymentView, "paymentMethod" | "disputes">[]): readonly Asked[] {
  return payments
    .flatMap(({ paymentMethod, disputes }) =>
      disputes.map((one) => ({ id: one.id, at: one.openedAt, text: says(one, paymentMethod === "PayPal" ? "PayPal" : "Your bank"), open: one.status === "OPEN" })),
    )
    .sort((one, other) => other.at.localeCompare(one.at));
}

function says(dispute: DisputeView, who: string): string {
  const amount = formatMoney(dispute.amount, dispute.currency);
  if (dispute.status === "WON") return `${who} asked about this payment (${amount}), and has decided that it stands.`;
  if (dispute.status === "LOST") return `${who} asked about this payment, and has decided that ${amount} is yours again.`;
  return `${who} has asked about this payment (${amount}). We answer, and ${who === "PayPal" ? who : "the bank"} decides, which can take some weeks; you need not do anything here. Is it a mistake? Then tell ${who === "PayPal" ? who : "your bank"}. Until then we cannot pay this amount back ourselves.`;
}
