import { httpResource } from "@angular/common/http";
import { Component, computed, effect, inject, input, model, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Api, PaymentOptionView, SavedMethodView, Session } from "@kibble/shared";

import { ended, nameOf } from "./saved";

/** How an order is paid: the method, and what stands for the card: a saved one's id, or null where the provider's own page asks for it. */
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
  imports: [RouterLink],
  template: `
    <fieldset class="stack-2">
      <legend class="seen-by-readers">How you pay</legend>
      @for (one of saved(); track one.id) {
        <label class="choice"><input type="radio" [name]="prefix() + 'method'" [checked]="payment().token === one.id" (change)="use(one)" /><span class="strong">{{ name(one) }}</span></label>
      }
      @if (asksFor("CreditCard")) {
        <label class="choice"><input type="radio" [name]="prefix() + 'method'" [checked]="!paysSaved() && payment().method === 'CreditCard'" (change)="choose('CreditCard')" /><span class="strong">{{ saved().length > 0 ? "Another card" : "Card" }}</span></label>
      }
      @if (!paysSaved() && payment().method === "CreditCard" && takesTestCards("CreditCard")) {
        <div class="field cards">
          <label [for]="prefix() + 'card'">Test card</label>
          <select class="input" [id]="prefix() + 'card'" (change)="take({ method: 'CreditCard', token: $any($event.target).value })">
            @for (card of cards; track card[0]) {
              <option [value]="card[0]" [selected]="card[0] === payment().token">{{ card[1] }} ({{ card[2] }})</option>
            }
          </select>
          <p class="hint">This shop runs on its sandbox: no money moves.</p>
        </div>
      }
      @if (asksFor("PayPal")) {
        <label class="choice"><input type="radio" [name]="prefix() + 'method'" [checked]="!paysSaved() && payment().method === 'PayPal'" (change)="choose('PayPal')" /><span class="strong">PayPal</span></label>
      }
      @if (later() && !paysSaved() && payment().token === null) {
        <p class="note warn" role="status">Autoship pays while you are away, by what you have saved. <a routerLink="/account/payment">Save a card or an account</a> first.</p>
      }
      @if (session.signedIn() && !later()) {
        <p class="small"><a routerLink="/account/payment">Save a way to pay</a> for the next time.</p>
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
  /** Whether nobody is there when it is paid: then only what is saved can be charged. */
  readonly later = input(false);
  protected readonly session = inject(Session);
  private readonly chosen = signal(false);
  private readonly options = httpResource<readonly PaymentOptionView[]>(() => Api.read("/api/payments/options"));
  /** Whose each method is that the shop takes; nobody's while it has not told. */
  private readonly providers = computed<ReadonlyMap<Method, string | null>>(() =>
    this.options.hasValue()
      ? new Map(this.options.value().map((option) => [option.paymentMethod, option.provider]))
      : new Map<Method, null>([["CreditCard", null], ["PayPal", null]]),
  );
  protected readonly offered = computed<readonly Method[]>(() => [...this.providers().keys()]);
  private readonly kept = httpResource<readonly SavedMethodView[]>(() => {
    const userId = this.session.customerId();
    return userId ? Api.read("/api/payments/methods", { query: { userId } }) : undefined;
  });
  /** What the customer has saved and can pay with today, the default first. */
  protected readonly saved = computed<readonly SavedMethodView[]>(() => {
    const found = this.kept.hasValue() ? this.kept.value() : [];
    return found.filter((one) => this.offered().includes(one.paymentMethod as Method) && !ended(one, new Date()));
  });
  protected readonly paysSaved = computed(() => this.saved().some((one) => one.id === this.payment().token));
  protected readonly cards = TEST_CARDS;
  protected readonly name = nameOf;

  constructor() {
    effect(() => {
      if (!this.options.hasValue()) return;
      const { method, token } = this.payment();
      const [preferred] = this.saved();
      if (preferred && !this.chosen() && token !== preferred.id) this.payment.set(bySaved(preferred));
      if (this.paysSaved()) return;
      const [first] = this.offered();
      if (first && !this.offered().includes(method)) this.payment.set(this.unsaved(first));
      else if (this.takesTestCards(method) !== (token !== null)) this.payment.set(this.unsaved(method));
    });
  }

  protected takesTestCards(method: Method): boolean {
    return this.providers().get(method) === "sandbox";
  }

  /** Whether a method is offered that asks the customer, here or on the provider's page. */
  protected asksFor(method: Method): boolean {
    return this.offered().includes(method) && !(this.later() && this.providers().get(method) !== "sandbox");
  }

  protected choose(method: Method): void {
    this.take(this.unsaved(method));
  }

  protected use(one: SavedMethodView): void {
    this.take(bySaved(one));
  }

  protected take(payment: Payment): void {
    this.chosen.set(true);
    this.payment.set(payment);
  }

  private unsaved(method: Method): Payment {
    return { method, token: this.takesTestCards(method) ? CARD.token : null };
  }
}

function bySaved(one: SavedMethodView): Payment {
  return { method: one.paymentMethod as Method, token: one.id };
}
