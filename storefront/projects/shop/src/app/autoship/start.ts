import { httpResource } from "@angular/common/http";
import { Component, computed, effect, ElementRef, inject, input, linkedSignal, signal } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import { Address, Api, MoneyPipe, Problem, ProductPage, Session } from "@kibble/shared";

import { Me } from "../account/me";
import { CARD, Payment, PaymentChoice } from "../checkout/payment-choice";
import { autoshipPrices } from "../core/autoship-prices";
import { Head } from "../core/head";
import { Toasts } from "../core/toasts";
import { AddressForm, NO_ADDRESS, sent, TypedAddress, wrongs } from "../ui/address-form";
import { Price } from "../ui/price";
import { Quantity } from "../ui/quantity";
import { SecondLook } from "../ui/second-look";
import { dateOf, every, intervals, USUAL_WEEKS } from "./words";

/** From a product to an Autoship of it: how often, from when on, where to, paid how. */
@Component({
  selector: "kb-start-autoship",
  imports: [RouterLink, MoneyPipe, AddressForm, PaymentChoice, Price, Quantity, SecondLook],
  template: `
    <h1>Start an Autoship</h1>
    @if (product(); as product) {
      <form class="stack form" (submit)="start($event)" novalidate>
        <kb-second-look [fields]="wrong()" />
        @if (trouble(); as trouble) {
          <p class="note bad" role="alert">{{ trouble }}</p>
        }
        <section class="box stack" aria-labelledby="what">
          <h2 id="what">What, and how often</h2>
          <div class="spread"><span class="strong">{{ product.name }}</span><span class="price"><kb-price [amount]="product.price" [usual]="product.sale?.regularPrice" /> each</span></div>
          <kb-quantity [of]="product.name" [value]="count()" (chosen)="count.set($event)" />
          <div class="field">
            <label for="rhythm">How often</label>
            <select class="input" id="rhythm" (change)="every.set(+$any($event.target).value)">
              @for (one of choices; track one.every) {
                <option [value]="one.every" [selected]="one.every === every()">{{ words(one) }}</option>
              }
            </select>
          </div>
          <div class="field">
            <label for="first">First order on</label>
            <input class="input" id="first" type="date" [min]="today" [value]="first()" aria-describedby="first-hint" (input)="first.set($any($event.target).value)" />
            <p class="hint" id="first-hint">With today's date it is placed at once.</p>
          </div>
          @if (cost(); as cost) {
            <p><span class="price"><kb-price [amount]="cost.first" [usual]="cost.first < cost.full ? cost.full : null" /></span>@if (cost.later === cost.first) { {{ words({ every: every(), unit: "week" }) }}} @else { for the first, then {{ cost.later | money }} {{ words({ every: every(), unit: "week" }) }}}, and shipping and taxes.</p>
          }
          <p class="small quiet">If it gets more than a tenth dearer, we ask before we send it. Skip, pause or cancel whenever you like.</p>
        </section>
        <section class="box stack" aria-labelledby="where">
          <h2 id="where">Where to</h2>
          <kb-address-form [(address)]="address" [errors]="errors()" />
        </section>
        <section class="box stack" aria-labelledby="pay">
          <h2 id="pay">Payment</h2>
          <kb-payment-choice [later]="true" [(payment)]="payment" />
        </section>
        <button class="button full big" type="submit" [attr.aria-disabled]="busy()">{{ busy() ? "One moment…" : "Start Autoship" }}</button>
      </form>
    } @else if (problem()) {
      <p class="note bad" role="alert">This product did not load. <a routerLink="/">Look around</a></p>
    } @else {
      <div class="skeleton" [style.height.px]="360" aria-busy="true"></div>
    }
  `,
  styles: `.form { margin-top: 1rem; max-width: 40rem; }`,
})
export class StartAutoship {
  private readonly api = inject(Api);
  private readonly router = inject(Router);
  private readonly session = inject(Session);
  private readonly toasts = inject(Toasts);
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly me = inject(Me);
  private sent = { request: "", key: "" };

  readonly product$ = input<string>(undefined, { alias: "product" });
  readonly quantity = input<string>();
  readonly weeks = input<string>();
  private readonly loaded = httpResource<ProductPage>(() => {
    const productId = this.product$();
    return productId ? Api.read("/api/products/{productId}", { path: { productId } }) : undefined;
  });
  protected readonly product = computed(() => (this.loaded.hasValue() ? this.loaded.value() : null));
  protected readonly problem = computed(() => Boolean(this.loaded.error()) || !this.product$());
  protected readonly count = linkedSignal(() => Math.min(99, Math.max(1, Math.round(Number(this.quantity() ?? 1)) || 1)));
  protected readonly every = linkedSignal(() => Number(this.weeks()) || USUAL_WEEKS);
  protected readonly today = dateOf(new Date());
  protected readonly first = signal(this.today);
  protected readonly address = signal<TypedAddress>(NO_ADDRESS);
  protected readonly payment = signal<Payment>(CARD);
  protected readonly checked = signal(false);
  protected readonly busy = signal(false);
  protected readonly trouble = signal("");
  protected readonly errors = computed(() => (this.checked() ? wrongs(this.address()) : {}));
  protected readonly wrong = computed(() => Object.keys(this.errors()).length);
  private readonly prices = autoshipPrices(() => {
    const product = this.product();
    return product ? [{ productId: product.id, quantity: this.count() }] : [];
  });
  /** What each order costs, by the shop's own sums. */
  protected readonly cost = computed(() => this.prices().get(this.product()?.id ?? ""));
  protected readonly choices = intervals();
  protected readonly words = every;

  constructor() {
    inject(Head).tell({ title: "Start an Autoship" });
    effect(() => {
      const customer = this.me.customer();
      const known = [customer?.address, ...(customer?.addresses ?? [])].find((one): one is Address => Boolean(one));
      if (known) this.address.set({ ...NO_ADDRESS, ...known, name: known.name ?? customer?.name ?? "", street2: known.street2 ?? "" });
    });
  }

  protected async start(event: Event): Promise<void> {
    event.preventDefault();
    const userId = this.session.customerId();
    const productId = this.product$();
    if (this.busy() || !userId || !productId) return;
    this.checked.set(true);
    this.trouble.set("");
    if (this.wrong() > 0) {
      setTimeout(() => this.element.nativeElement.querySelector<HTMLElement>("[aria-invalid]")?.focus());
      return;
    }
    this.busy.set(true);
    await this.send(userId, productId);
    this.busy.set(false);
  }

  private async send(userId: string, productId: string): Promise<void> {
    const { method, token } = this.payment();
    const body = {
      userId,
      items: [{ productId, quantity: this.count() }],
      interval: { every: this.every(), unit: "week" as const },
      nextDate: this.first() === this.today ? null : this.first() || null,
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      shippingAddress: sent(this.address()),
      paymentMethod: method,
      paymentToken: token,
    };
    try {
      const made = await this.api.post("/api/subscriptions", { body, idempotencyKey: this.keyOf(JSON.stringify(body)) });
      this.toasts.show("Your Autoship has started.");
      await this.router.navigate(["/account/autoship", made.id], { replaceUrl: true });
    } catch (thrown) {
      const problem = Problem.of(thrown);
      this.trouble.set(problem.errors[0]?.detail ?? problem.message);
    }
  }

  /** One key for one Autoship as it is written: a second press after a lost answer starts no second one. */
  private keyOf(request: string): string {
    if (this.sent.request !== request) this.sent = { request, key: crypto.randomUUID() };
    return this.sent.key;
  }
}
