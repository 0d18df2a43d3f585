import { Component, computed, DestroyRef, effect, inject, input, signal } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import { Api, MoneyPipe, PaymentView, Problem, Session } from "@kibble/shared";

import { Head } from "../core/head";
import { GuestOrders } from "../core/orders";
import { Empty } from "../ui/empty";
import { approvalOf, became } from "./approval";
import { PayAgain } from "./pay-again";

const LOOKS_MS = [500, 700, 1000, 1500, 2500, 4000, 8000];

/** Where a payment provider sends the customer back to: what became of the payment. It is looked at until it is decided. */
@Component({
  selector: "kb-return",
  imports: [RouterLink, MoneyPipe, Empty, PayAgain],
  template: `
    <div class="wide">
      @if (payment(); as payment) {
        <div class="narrow stack">
          @switch (state()) {
            @case ("paid") {
              <div class="box stack">
                <h1>Thank you</h1>
                <p role="status">You paid {{ payment.amount | money: payment.currency }}. We are packing your things.</p>
                <a class="button big" [routerLink]="['/orders', payment.orderId]">Follow your order</a>
              </div>
            }
            @case ("declined") {
              <div class="box stack">
                <h1>Your payment did not work</h1>
                <p class="note bad" role="alert">{{ refusal() || payment.message || "The payment was declined." }} Nothing was taken.</p>
                <kb-pay-again [orderId]="payment.orderId" [amount]="payment.amount" [currency]="payment.currency" (taken)="follow($event.id)" (refused)="refuse($event)" />
                <a class="button plain" [routerLink]="['/orders', payment.orderId]">See your order</a>
              </div>
            }
            @case ("approve") {
              <div class="box stack">
                <h1>Your payment waits for you</h1>
                <p role="status">You came back without an answer. Nothing is taken until you approve it.</p>
                <a class="button big" [href]="approval()">Go back and approve it</a>
                <details class="stack">
                  <summary>Pay in another way</summary>
                  @if (refusal()) {
                    <p class="note bad" role="alert">{{ refusal() }}</p>
                  }
                  <kb-pay-again [orderId]="payment.orderId" [amount]="payment.amount" [currency]="payment.currency" (taken)="follow($event.id)" (refused)="refuse($event)" />
                </details>
              </div>
            }
            @default {
              <div class="box stack" aria-busy="true">
                <h1>One moment</h1>
                <p role="status">We are waiting for the answer of your bank. This page moves by itself; you can also leave it: we write to you.</p>
                <a class="button plain" [routerLink]="['/orders', payment.orderId]">See your order</a>
              </div>
            }
          }
        </div>
      } @else if (problem(); as problem) {
        <kb-empty>
          <h1>We cannot show this payment here</h1>
          <p class="quiet">{{ problem.passing ? problem.message : "It shows in the browser that you ordered with, or when you sign in." }}</p>
          <a class="button" routerLink="/sign-in" [queryParams]="{ return: router.url }">Sign in</a>
        </kb-empty>
      } @else {
        <div class="narrow skeleton" [style.height.px]="240" aria-busy="true"></div>
      }
    </div>
  `,
})
export class ReturnPage {
  private readonly api = inject(Api);
  private readonly orders = inject(GuestOrders);
  private readonly session = inject(Session);
  protected readonly router = inject(Router);

  readonly orderId = input<string>("");
  readonly paymentId = input<string>("");
  protected readonly payment = signal<PaymentView | null>(null);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly refusal = signal("");
  protected readonly state = computed(() => (this.payment() ? became(this.payment()!) : "waiting"));
  protected readonly approval = computed(() => (this.payment() ? approvalOf([this.payment()!]) : null));
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    inject(Head).tell({ title: "Your payment" });
    inject(DestroyRef).onDestroy(() => clearTimeout(this.timer));
    effect(() => {
      this.paymentId();
      void this.session.load().then(() => this.look(0));
    });
  }

  /** Show another payment of the same order. */
  protected async follow(paymentId: string): Promise<void> {
    this.refusal.set("");
    if (paymentId === this.paymentId()) return this.look(0);
    const queryParams = { orderId: this.orderId(), paymentId };
    await this.router.navigate([], { queryParams, replaceUrl: true });
  }

  protected async refuse(problem: Problem): Promise<void> {
    const other = problem.details["paymentId"];
    if (typeof other === "string") await this.follow(other);
    this.refusal.set(problem.message);
  }

  private async look(times: number): Promise<void> {
    clearTimeout(this.timer);
    try {
      const path = { paymentId: this.paymentId() };
      this.payment.set(await this.api.get("/api/payments/{paymentId}", { path, token: this.orders.token(this.orderId()) }));
      this.problem.set(null);
      if (this.state() === "waiting") this.later(times);
    } catch (thrown) {
      const problem = Problem.of(thrown);
      if (!this.payment()) this.problem.set(problem);
      if (problem.passing) this.later(times);
    }
  }

  private later(times: number): void {
    const pause = LOOKS_MS[Math.min(times, LOOKS_MS.length - 1)];
    this.timer = setTimeout(() => void this.look(times + 1), pause);
  }
}
