import { DatePipe } from "@angular/common";
import { httpResource } from "@angular/common/http";
import { Component, computed, DestroyRef, inject, input } from "@angular/core";
import { takeUntilDestroyed } from "@angular/core/rxjs-interop";
import { MatButton } from "@angular/material/button";
import { MatProgressBar } from "@angular/material/progress-bar";
import { RouterLink } from "@angular/router";
import { Api, EntryView, formatMoney, MoneyPipe, OrderView, PaymentView, Session, ShipmentView, StatusView } from "@kibble/shared";
import { take, timer } from "rxjs";

import { may } from "../core/access";
import { orderNumber, resendable, words } from "../core/texts";
import { Action, Actions } from "../ui/action";
import { State } from "../ui/state";
import { Trouble } from "../ui/trouble";
import { WhenPipe } from "../ui/when";
import { storyOf } from "./story";

const FOLLOW_MILLISECONDS = 1_500;
const FOLLOWED = 4;

/** One order: what was bought, its money, its parcels, its story, and what can be done about it. */
@Component({
  selector: "kba-order-detail",
  imports: [DatePipe, MatButton, MatProgressBar, MoneyPipe, RouterLink, State, Trouble, WhenPipe],
  templateUrl: "./order-detail.html",
  styleUrl: "./order-detail.scss",
})
export class OrderDetail {
  readonly orderId = input.required<string>();
  private readonly api = inject(Api);
  private readonly actions = inject(Actions);
  private readonly session = inject(Session);
  private readonly destroyed = inject(DestroyRef);
  protected readonly number = orderNumber;
  protected readonly words = words;
  protected readonly may = (scope: string) => may(this.session.current(), scope);
  private readonly path = computed(() => ({ path: { orderId: this.orderId() } }));
  protected readonly order = httpResource<OrderView>(() => Api.read("/api/orders/{orderId}", this.path()));
  protected readonly entries = httpResource<EntryView[]>(() => Api.read("/api/orders/{orderId}/events", this.path()));
  protected readonly payments = httpResource<PaymentView[]>(() =>
    this.may("payments:read") ? Api.read("/api/payments", { query: { orderId: this.orderId() } }) : undefined,
  );
  protected readonly shipments = httpResource<ShipmentView[]>(() => Api.read("/api/shipping", { query: { orderId: this.orderId() } }));
  protected readonly messages = httpResource<StatusView[]>(() =>
    this.may("notifications:write") ? Api.read("/api/notifications/orders/{orderId}", this.path()) : undefined,
  );
  protected readonly story = computed(() =>
    storyOf(
      this.entries.hasValue() ? this.entries.value() : [],
      this.shipments.hasValue() ? this.shipments.value() : [],
      this.messages.hasValue() ? this.messages.value() : [],
      this.order.value()?.currency,
      this.payments.hasValue() ? this.payments.value() : [],
    ),
  );
  protected readonly can = computed(() => {
    const status = this.order.value()?.status ?? "";
    const writes = this.may("orders:write");
    return {
      cancel: writes && ["PENDING", "CONFIRMED"].includes(status),
      ship: writes && status === "CONFIRMED",
      deliver: writes && status === "SHIPPED",
      takeBack: writes && status === "DELIVERED",
      note: writes,
    };
  });

  /** Read everything again. */
  protected refresh(): void {
    for (const part of [this.order, this.entries, this.payments, this.shipments, this.messages]) part.reload();
  }

  protected left(payment: PaymentView): number {
    const started = payment.refunds.filter((refund) => refund.status !== "FAILED");
    const disputed = payment.disputes.filter((dispute) => dispute.status !== "WON");
    const gone = [...started.map((refund) => refund.amount), ...disputed.map((dispute) => dispute.withdrawn ?? 0)];
    const cents = gone.reduce((sum, amount) => sum + Math.round(amount * 100), 0);
    return payment.status === "FAILED" ? 0 : Math.max(0, Math.round(payment.amount * 100) - cents) / 100;
  }

  protected refundable(payment: PaymentView): boolean {
    return this.may("payments:write") && ["PAID", "PARTIALLY_REFUNDED", "SUCCEEDED"].includes(payment.status) && this.left(payment) > 0;
  }

  protected async refund(payment: PaymentView): Promise<void> {
    const left = this.left(payment);
    await this.act({
      title: "Refund",
      says: [
        `${formatMoney(left, payment.currency)} of ${formatMoney(payment.amount, payment.currency)} can go back. The money goes to the card or account that paid, and the customer is told.`,
        "A refund cannot be taken back. The whole amount ends the order: what has not left yet is not sent, and goes back on the shelf.",
      ],
      confirm: "Refund",
      danger: true,
      fields: [
        { name: "amount", label: `Amount in ${payment.currency}`, kind: "number", value: left.toFixed(2), required: true },
        { name: "reason", label: "Reason", kind: "text", hint: "Stays with the payment" },
      ],
      run: ({ amount, reason }, idempotencyKey) =>
        this.api.post("/api/payments/{paymentId}/refund", {
          path: { paymentId: payment.id },
          body: { amount: Number(amount), ...(reason ? { reason } : {}) },
          idempotencyKey,
        }),
      done: (refund) => `Refund of ${formatMoney(refund.amount, refund.currency)}: ${words(refund.status).toLowerCase()}.`,
    });
  }

  protected refundLine(payment: PaymentView, itemId: string): Promise<void> | undefined {
    const order = this.order.value();
    const line = order?.items.find((item) => item.id === itemId);
    if (!order || !line) return undefined;
    const amount = Math.min(this.left(payment), (Math.round(line.price * 100) * line.quantity) / 100);
    return this.act({
      title: `Refund ${line.name}`,
      says: [`${line.quantity} × ${formatMoney(line.price, order.currency)}. The money goes back to the card or account that paid, and the customer is told.`],
      confirm: "Refund",
      danger: true,
      fields: [
        { name: "amount", label: `Amount in ${order.currency}`, kind: "number", value: amount.toFixed(2), required: true },
        { name: "reason", label: "Reason", kind: "text", value: line.name },
      ],
      run: (given, idempotencyKey) =>
        this.api.post("/api/payments/{paymentId}/refund", {
          path: { paymentId: payment.id },
          body: { amount: Number(given["amount"]), ...(given["reason"] ? { reason: given["reason"] } : {}) },
          idempotencyKey,
        }),
      done: (refund) => `Refund of ${formatMoney(refund.amount, refund.currency)}: ${words(refund.status).toLowerCase()}.`,
    });
  }

  protected async cancel(order: OrderView): Promise<void> {
    const paid = ["PAID", "PARTIALLY_REFUNDED"].includes(order.paymentStatus);
    await this.act({
      title: `Cancel ${orderNumber(order.id)}`,
      says: [
        paid ? `The order ends, its stock comes back, and what was paid (${formatMoney(order.amountDue - order.refundedAmount, order.currency)}) is refunded.` : "The order ends, and its stock comes back.",
        "The customer is told. This cannot be taken back.",
      ],
      confirm: "Cancel the order",
      danger: true,
      fields: [{ name: "reason", label: "Reason, as the customer reads it", kind: "text", value: "cancelled by the shop", required: true }],
      run: ({ reason }, idempotencyKey) => this.api.post("/api/orders/{orderId}/cancel", { ...this.path(), body: { reason: reason ?? "" }, idempotencyKey }),
      done: () => "The order is cancelled.",
    });
  }

  protected async takeBack(order: OrderView): Promise<void> {
    await this.act({
      title: `Take back ${orderNumber(order.id)}`,
      says: ["The order counts as returned, its units go back on the shelf, and what was paid is refunded. The customer is told."],
      confirm: "Take it back",
      danger: true,
      fields: [{ name: "reason", label: "Reason", kind: "text", required: true }],
      run: ({ reason }, idempotencyKey) => this.api.post("/api/orders/{orderId}/returns", { ...this.path(), body: { reason: reason ?? "" }, idempotencyKey }),
      done: () => "The order is returned.",
    });
  }

  protected async setStatus(status: "SHIPPED" | "DELIVERED"): Promise<void> {
    await this.act({
      title: `Mark as ${status.toLowerCase()}`,
      says: [
        "Carriers tell this by themselves. Set it by hand when the carrier cannot. The customer is told.",
        ...(status === "SHIPPED" ? ["Its parcels leave the packing list; what has no label yet gets none any more."] : []),
      ],
      confirm: `Mark as ${status.toLowerCase()}`,
      run: (_, idempotencyKey) => this.api.patch("/api/orders/{orderId}", { ...this.path(), body: { status }, idempotencyKey }),
      done: () => `The order is marked as ${status.toLowerCase()}.`,
    });
  }

  protected async note(): Promise<void> {
    await this.act({
      title: "Add a note",
      says: ["Staff read it in the order's story; the customer does not."],
      confirm: "Save",
      fields: [{ name: "text", label: "Note", kind: "long", required: true }],
      run: ({ text }, idempotencyKey) => this.api.post("/api/orders/{orderId}/notes", { ...this.path(), body: { text: text ?? "" }, idempotencyKey }),
      done: () => "Noted.",
    });
  }

  protected async resend(message: StatusView): Promise<void> {
    await this.act({
      title: "Send again",
      says: [`“${message.title}” goes out again by ${message.channel === "sms" ? "SMS" : "e-mail"}.`],
      confirm: "Send again",
      run: (_, idempotencyKey) => this.api.post("/api/notifications/{notificationId}/resend", { path: { notificationId: message.id }, idempotencyKey }),
      done: () => "It is on its way.",
    });
  }

  protected readonly resendable = resendable;

  private async act<T>(action: Action<T>): Promise<void> {
    const result = await this.actions.ask(action);
    if (result === null) return;
    // Money, parcels and messages follow by events: what they bring is read a little later.
    timer(0, FOLLOW_MILLISECONDS).pipe(take(FOLLOWED), takeUntilDestroyed(this.destroyed)).subscribe(() => this.refresh());
  }
}
