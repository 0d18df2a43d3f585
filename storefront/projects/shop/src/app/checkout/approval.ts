import { DOCUMENT, inject, Injectable } from "@angular/core";
import { PaymentView } from "@kibble/shared";

/** What became of a payment, as far as a customer has to know. */
export type Became = "paid" | "declined" | "approve" | "waiting";

const PAID = new Set(["PAID", "PARTIALLY_REFUNDED", "REFUNDED"]);

/** Return what became of a payment. */
export function became(payment: Pick<PaymentView, "status" | "nextAction">): Became {
  if (PAID.has(payment.status)) return "paid";
  if (payment.status === "FAILED") return "declined";
  return approvalOf([payment]) ? "approve" : "waiting";
}

/** Return the address where a customer approves one of these payments, or null: only of a page, never of a script. */
export function approvalOf(payments: readonly Pick<PaymentView, "status" | "nextAction">[]): string | null {
  const waits = payments.find((one) => one.status === "REQUIRES_ACTION" && one.nextAction?.type === "redirect");
  return pageAt(waits?.nextAction?.url);
}

/** Return an address if it is that of a page, here or elsewhere; null for a script, or nothing. */
export function pageAt(url: string | null | undefined): string | null {
  return url && /^(https?:\/\/|\/(?!\/))/.test(url) ? url : null;
}

/** Sends the browser to the page where a payment is approved. */
@Injectable({ providedIn: "root" })
export class Approval {
  private readonly document = inject(DOCUMENT);

  /** Leave the shop for `url`; the provider sends the browser back to `/checkout/return`. */
  go(url: string): void {
    this.document.defaultView?.location.assign(url);
  }
}
