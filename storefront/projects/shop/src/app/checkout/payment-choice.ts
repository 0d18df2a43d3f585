import { httpResource } from "@angular/common/http";
import { Component, computed, effect, input, model } from "@angular/core";
import { Api, PaymentOptionView } from "@kibble/shared";

/** How an order is paid: the method, and what stands for the card; null where the provider's own page asks for it. */
export interface Payment {
  readonly method: "CreditCard" | "PayPal";
  readonly token: string | null;
}

type Method = Payment["method"];

/** What is chosen before the customer has. */
export const CARD: Payment = { method: "CreditCard", token: "tok_ok" };

/** The cards of the built-in sandbox; a real provider's field takes their place in a live shop. */
const TEST_CARDS: readonly (readonly [string, string, string])[] = [
  ["tok_ok", "•••• 4242", "is accepted"],
  ["tok_requires_action", "•••• 3184", "asks for approval"],
  ["tok_declined", "•••• 0002", "is declined"],
  ["tok_insufficient_funds", "•••• 9995", "has too little money"],
  ["tok_timeout", "•••• 3220", "goes through, slowly"],
  ["tok_error", "•••• 0119", "works at the third try"],
];

/** The choice of a way to pay. */
@Component({
  selector: "kb-payment-choice",
  template: `
    <fieldset class="stack-2">
      <legend class="seen-by-readers">How you pay</legend>
      @if (offered().includes("CreditCard")) {
        <label class="choice"><input type="radio" [name]="prefix() + 'method'" [checked]="payment().method === 'CreditCard'" (change)="choose('CreditCard')" /><span class="strong">Card</span></label>
      }
      @if (payment().method === "CreditCard" && takesTestCards("CreditCard")) {
        <div class="field cards">
          <label [for]="prefix() + 'card'">Test card</label>
          <select class="input" [id]="prefix() + 'card'" (change)="payment.set({ method: 'CreditCard', token: $any($event.target).value })">
            @for (card of cards; track card[0]) {
              <option [value]="card[0]" [selected]="card[0] === payment().token">{{ card[1] }} ({{ card[2] }})</option>
            }
          </select>
          <p class="hint">This shop runs on its sandbox: no money moves.</p>
        </div>
      }
      @if (offered().includes("PayPal")) {
        <label class="choice"><input type="radio" [name]="prefix() + 'method'" [checked]="payment().method === 'PayPal'" (change)="choose('PayPal')" /><span class="strong">PayPal</span></label>
      }
      @if (offered().length === 0) {
        <p class="note warn" role="status">This shop takes no payments just now.</p>
      }
    </fieldset>
  `,
  styles: `
    .cards { padding: 0.25rem 0 0.5rem 2rem; }
  `,
})
export class PaymentChoice {
  readonly payment = model.required<Payment>();
  readonly prefix = input("");
  private readonly options = httpResource<readonly PaymentOptionView[]>(() => Api.read("/api/payments/options"));
  /** Whose each method is that the shop takes; nobody's while it has not told. */
  private readonly providers = computed<ReadonlyMap<Method, string | null>>(() =>
    this.options.hasValue()
      ? new Map(this.options.value().map((option) => [option.paymentMethod, option.provider]))
      : new Map<Method, null>([["CreditCard", null], ["PayPal", null]]),
  );
  protected readonly offered = computed<readonly Method[]>(() => [...this.providers().keys()]);
  protected readonly cards = TEST_CARDS;

  constructor() {
    effect(() => {
      if (!this.options.hasValue()) return;
      const { method, token } = this.payment();
      const [first] = this.offered();
      if (first && !this.offered().includes(method)) this.choose(first);
      else if (this.takesTestCards(method) !== (token !== null)) this.choose(method);
    });
  }

  protected takesTestCards(method: Method): boolean {
    return this.providers().get(method) === "sandbox";
  }

  protected choose(method: Method): void {
    this.payment.set({ method, token: this.takesTestCards(method) ? CARD.token : null });
  }
}
