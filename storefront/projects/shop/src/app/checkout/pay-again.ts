import { Component, inject, input, output, signal } from "@angular/core";
import { Api, MoneyPipe, PaymentView, Problem } from "@kibble/shared";

import { GuestOrders } from "../core/orders";
import { approvalOf, Approval } from "./approval";
import { CARD, Payment, PaymentChoice } from "./payment-choice";

/** Another try at paying an order. A payment that asks for approval sends the browser on. */
@Component({
  selector: "kb-pay-again",
  imports: [MoneyPipe, PaymentChoice],
  template: `
    <div class="stack">
      <kb-payment-choice [(payment)]="payment" />
      <button class="button big" type="button" [attr.aria-disabled]="busy()" (click)="pay()">{{ busy() ? "Paying…" : "Pay" }} {{ amount() | money: currency() }}</button>
    </div>
  `,
})
export class PayAgain {
  private readonly api = inject(Api);
  private readonly orders = inject(GuestOrders);
  private readonly leaving = inject(Approval);
  readonly orderId = input.required<string>();
  readonly amount = input.required<number>();
  readonly currency = input.required<string>();
  /** The payment that was made of it, decided or not. */
  readonly taken = output<PaymentView>();
  /** Why it was refused. */
  readonly refused = output<Problem>();
  protected readonly payment = signal<Payment>(CARD);
  protected readonly busy = signal(false);

  protected async pay(): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    try {
      const { method, token } = this.payment();
      const body = { orderId: this.orderId(), paymentMethod: method, paymentToken: token };
      const made = await this.api.post("/api/payments", { body, idempotencyKey: crypto.randomUUID(), token: this.orders.token(this.orderId()) });
      const url = approvalOf([made]);
      if (url) this.leaving.go(url);
      else this.taken.emit(made);
    } catch (thrown) {
      this.refused.emit(Problem.of(thrown));
    }
    this.busy.set(false);
  }
}
