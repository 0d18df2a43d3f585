import { httpResource } from "@angular/common/http";
import { Component, computed, effect, inject, input, resource, signal } from "@angular/core";
import { Api, PaymentOptionView, Problem, SavedMethodView, Session } from "@kibble/shared";

import { Approval, pageAt } from "../checkout/approval";
import { ended, nameOf } from "../checkout/saved";
import { Head } from "../core/head";
import { Toasts } from "../core/toasts";
import { Empty } from "../ui/empty";

type Method = PaymentOptionView["paymentMethod"];

/** What the customer keeps to pay with. A card is typed in on the provider's page, never here. */
@Component({
  selector: "kb-payment-page",
  imports: [Empty],
  template: `
    <h1>Payment</h1>
    <p class="quiet">What you save here is one click at the checkout, and what Autoship charges. The payment provider keeps it; this shop never sees a card number.</p>
    @if (said(); as said) {
      <p class="note" [class.bad]="said.bad" role="status">{{ said.text }}</p>
    }
    @if (saved.hasValue()) {
      <ul class="stack list">
        @for (one of saved.value(); track one.id) {
          <li class="box spread">
            <span class="row"><span class="strong">{{ name(one) }}</span>
              @if (one.isDefault) { <span class="tag good">Default</span> }
              @if (over(one)) { <span class="tag">Ended</span> }
            </span>
            <span class="row">
              @if (!one.isDefault) {
                <button class="link" type="button" [attr.aria-label]="'Make ' + name(one) + ' the default'" (click)="prefer(one)">Make default</button>
              }
              <button class="link danger" type="button" [attr.aria-label]="'Remove ' + name(one)" (click)="remove(one)">Remove</button>
            </span>
          </li>
        } @empty {
          <li><kb-empty><h2>Nothing saved yet</h2><p class="quiet">Save a card or an account, and the next checkout is shorter.</p></kb-empty></li>
        }
      </ul>
    } @else if (saved.error()) {
      <p class="note bad" role="alert">What you saved did not load. <button class="link" type="button" (click)="saved.reload()">Try again</button></p>
    } @else {
      <div class="skeleton" [style.height.px]="160" aria-busy="true"></div>
    }
    <div class="row">
      @for (method of methods(); track method) {
        <button class="button plain" type="button" [attr.aria-disabled]="busy()" (click)="begin(method)">{{ method === "PayPal" ? "Save a PayPal account" : "Save a card" }}</button>
      }
    </div>
  `,
  styles: `.list, .note { margin-block: 1rem; }`,
})
export class PaymentPage {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly leaving = inject(Approval);
  private readonly toasts = inject(Toasts);
  /** What the customer comes back from the provider's page with. */
  readonly methodId = input<string>();
  protected readonly saved = resource({
    params: () => this.session.customerId() ?? undefined,
    loader: ({ params }) => this.api.get("/api/payments/methods", { query: { userId: params } }),
  });
  private readonly options = httpResource<readonly PaymentOptionView[]>(() => Api.read("/api/payments/options"));
  protected readonly methods = computed<readonly Method[]>(() => (this.options.hasValue() ? this.options.value().map((one) => one.paymentMethod) : []));
  protected readonly busy = signal(false);
  protected readonly said = signal<{ text: string; bad: boolean } | null>(null);
  protected readonly name = nameOf;

  constructor() {
    inject(Head).tell({ title: "Payment" });
    effect(() => {
      const methodId = this.methodId();
      if (methodId) void this.tell(methodId);
    });
  }

  protected over(one: SavedMethodView): boolean {
    return ended(one, new Date());
  }

  /** Leave for the provider's page. */
  protected async begin(paymentMethod: Method): Promise<void> {
    const userId = this.session.customerId();
    if (this.busy() || !userId) return;
    this.busy.set(true);
    try {
      const body = { userId, paymentMethod };
      const made = await this.api.post("/api/payments/methods", { body, idempotencyKey: crypto.randomUUID() });
      const url = pageAt(made.nextAction?.url);
      if (url) this.leaving.go(url);
    } catch (thrown) {
      this.said.set({ text: Problem.of(thrown).message, bad: true });
    }
    this.busy.set(false);
  }

  protected async prefer(one: SavedMethodView): Promise<void> {
    const path = { methodId: one.id };
    await this.change(() => this.api.post("/api/payments/methods/{methodId}/default", { path }), `${nameOf(one)} is the default.`);
  }

  protected async remove(one: SavedMethodView): Promise<void> {
    const path = { methodId: one.id };
    await this.change(() => this.api.delete("/api/payments/methods/{methodId}", { path }), `${nameOf(one)} is gone.`);
  }

  private async change(work: () => Promise<unknown>, done: string): Promise<void> {
    try {
      await work();
      this.toasts.show(done);
      this.saved.reload();
    } catch (thrown) {
      this.said.set({ text: Problem.of(thrown).message, bad: true });
    }
  }

  /** Say what became of the page that the customer comes back from. */
  private async tell(methodId: string): Promise<void> {
    try {
      const made = await this.api.get("/api/payments/methods/{methodId}", { path: { methodId } });
      const text = made.status === "READY" ? `${nameOf(made)} is saved.` : "You came back without an answer: nothing is saved yet.";
      this.said.set({ text, bad: false });
    } catch (thrown) {
      const gone = Problem.of(thrown).status === 404;
      this.said.set({ text: gone ? "Nothing was saved." : Problem.of(thrown).message, bad: !gone });
    }
  }
}
