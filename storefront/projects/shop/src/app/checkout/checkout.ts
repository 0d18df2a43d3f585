import { Component, computed, effect, ElementRef, inject, resource, signal, untracked } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import { Address, Api, MoneyPipe, Problem, RateView, Session } from "@kibble/shared";

import { CartStore } from "../cart/cart.store";
import { Sums } from "../cart/sums";
import { Head } from "../core/head";
import { Kept, sessionStore } from "../core/kept";
import { GuestOrders } from "../core/orders";
import { day, Place, useful } from "../core/place";
import { Refusals } from "../core/refusals";
import { stateOf } from "../core/states";
import { AddressForm, NO_ADDRESS, sent, TypedAddress, wrongs } from "../ui/address-form";
import { Empty } from "../ui/empty";
import { Field } from "../ui/field";
import { SecondLook } from "../ui/second-look";
import { CARD, Payment, PaymentChoice } from "./payment-choice";

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const ADDRESS = "/shippingAddress/";
const ZIP = /^\d{5}/;

/** What was typed before the page was left: it is kept as long as the tab, for whom it was typed by. */
interface Draft {
  /** The customer; null for a guest, who may sign in on the way. */
  readonly owner: string | null;
  readonly email: string;
  readonly address: TypedAddress;
}

/** From the cart to an order, on one page: where to, how, paid how, and what it comes to. */
@Component({
  selector: "kb-checkout",
  imports: [RouterLink, MoneyPipe, AddressForm, Empty, Field, PaymentChoice, SecondLook, Sums],
  template: `
    <div class="wide">
      <h1>Checkout</h1>
      @if (store.cart().lines.length > 0) {
        <form class="two section-small" (submit)="place($event)" novalidate>
          <div class="stack">
            <kb-second-look [fields]="wrong()" />
            @if (trouble(); as trouble) {
              <p class="note bad" role="alert">{{ trouble }}</p>
            }
            @if (!session.signedIn()) {
              <section class="box stack" aria-labelledby="contact">
                <div class="spread"><h2 id="contact">Contact</h2><a class="small" routerLink="/sign-in" [queryParams]="{ return: '/checkout' }">I have an account</a></div>
                <kb-field name="email" label="E-mail, for the receipt" type="email" autocomplete="email" [required]="true" [error]="emailError()" [(value)]="email" />
              </section>
            }
            <section class="box stack" aria-labelledby="where">
              <h2 id="where">Where to</h2>
              @for (one of saved(); track $index) {
                <label class="choice"><input type="radio" name="saved" [checked]="same(one)" (change)="use(one)" /><span><span class="strong">{{ one.name }}</span><br />{{ one.street }}, {{ one.city }} {{ one.state }} {{ one.zipCode }}</span></label>
              }
              <kb-address-form [(address)]="address" [errors]="addressErrors()" />
            </section>
            <section class="box stack" aria-labelledby="how">
              <h2 id="how">How</h2>
              @if (rates.hasValue() && rates.value().length > 0) {
                <fieldset class="stack-2">
                  <legend class="seen-by-readers">Way of shipping</legend>
                  @for (rate of rates.value(); track rate.method) {
                    <label class="choice">
                      <input type="radio" name="shipping" [checked]="rate.method === chosenRate()?.method" (change)="method.set(rate.method)" />
                      <span class="spread"><span><span class="strong">{{ dayOf(rate.estimatedDelivery) }}</span><br /><span class="small quiet">{{ rate.name }}</span></span><span class="price">{{ rate.cost === 0 ? "Free" : (rate.cost | money: rate.currency) }}</span></span>
                    </label>
                  }
                </fieldset>
              } @else if (rates.error()) {
                <p class="note warn" role="status">Ways of shipping cannot be told just now; your order takes the standard one.</p>
              } @else {
                <p class="quiet">Dates and prices show when we know your ZIP code.</p>
              }
            </section>
            <section class="box stack" aria-labelledby="pay">
              <h2 id="pay">Payment</h2>
              <kb-payment-choice [(payment)]="payment" />
              <div class="field">
                <label for="promotion">Promotion code (if you have one)</label>
                <div class="row code"><input id="promotion" class="input" autocapitalize="characters" autocomplete="off" enterkeyhint="done" [value]="code()" [attr.aria-invalid]="promotionSays().bad ? true : null" aria-describedby="promotion-says" (input)="code.set($any($event.target).value)" (keydown.enter)="$event.preventDefault(); apply()" /><button class="button plain" type="button" (click)="apply()">Apply</button></div>
                <p id="promotion-says" role="status" [class.error]="promotionSays().bad" [class.hint]="!promotionSays().bad">{{ promotionSays().text }}</p>
              </div>
            </section>
          </div>
          <div class="aside box stack">
            <h2>Your order</h2>
            <ul class="plain-list small">
              @for (line of store.cart().lines; track line.productId) {
                <li class="spread"><span>{{ line.quantity }} × {{ line.name }}</span><span class="figure">{{ line.lineTotal | money }}</span></li>
              }
            </ul>
            <kb-sums [cart]="sums()" [taxWords]="taxWords()" />
            @if (blocked()) {
              <p class="note bad" role="alert">Something in your cart cannot be bought as it is. <a routerLink="/cart">See the cart</a>.</p>
            }
            <button class="button full big" type="submit" [attr.aria-disabled]="busy() || blocked()">{{ busy() ? "Placing your order…" : "Place order" }}</button>
            <p class="small quiet">This is all that you pay. You can cancel until it is shipped.</p>
          </div>
        </form>
      } @else if (store.known() && !busy()) {
        <kb-empty><h2>Your cart is empty</h2><p class="quiet">There is nothing to pay for yet.</p><a class="button" routerLink="/">Look around</a></kb-empty>
      } @else {
        <div class="two" aria-busy="true"><div class="skeleton" [style.height.px]="480"></div><div class="skeleton" [style.height.px]="300"></div></div>
      }
    </div>
  `,
  styles: `
    .code { flex-wrap: nowrap; }
  `,
})
export class CheckoutPage {
  private readonly api = inject(Api);
  private readonly router = inject(Router);
  private readonly orders = inject(GuestOrders);
  private readonly zip = inject(Place);
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef);
  private readonly keys = new Kept<{ cartId: string; key: string }>("kibble.checkout");
  private readonly draft = new Kept<Draft>("kibble.checkout.draft", sessionStore());
  private readonly started = this.draft.read();
  protected readonly session = inject(Session);
  protected readonly store = inject(CartStore);

  protected readonly email = signal("");
  protected readonly address = signal<TypedAddress>({ ...NO_ADDRESS, zipCode: this.zip.zipCode(), state: stateOf(this.zip.zipCode()) ?? "" });
  protected readonly payment = signal<Payment>(CARD);
  protected readonly method = signal<string | null>(null);
  /** The code that the shop has taken, and what stands in its field. */
  protected readonly promotion = signal("");
  protected readonly code = signal("");
  protected readonly promotionSays = signal({ text: "", bad: false });
  protected readonly checked = signal(false);
  protected readonly busy = signal(false);
  protected readonly trouble = signal("");
  protected readonly saved = signal<readonly Address[]>([]);
  /** What the shop said was wrong, by pointer, and of which value. */
  private readonly refused = new Refusals((pointer) => this.valueAt(pointer));
  protected readonly dayOf = day;

  protected readonly emailError = computed(() => {
    if (this.session.signedIn()) return null;
    if (this.checked() && !EMAIL.test(this.email().trim())) return "We need an e-mail address to send the receipt to.";
    return this.refused.of("/email");
  });
  protected readonly addressErrors = computed(() => ({ ...this.fromServer(), ...(this.checked() ? wrongs(this.address()) : {}) }));
  /** How many fields are not right: it counts down while they are mended. */
  protected readonly wrong = computed(() => Object.keys(this.addressErrors()).length + Number(Boolean(this.emailError())));
  protected readonly blocked = computed(() =>
    this.store.cart().lines.some((line) => line.problem && line.problem.code !== "price-changed"),
  );
  private readonly wanted = computed(() => {
    const zipCode = this.address().zipCode.trim().slice(0, 5);
    const lines = this.store.cart().lines.filter((line) => line.problem?.code !== "gone");
    if (!ZIP.test(zipCode) || lines.length === 0) return undefined;
    return JSON.stringify({ address: { zipCode }, items: lines.map(({ productId, quantity }) => ({ productId, quantity })) });
  });
  protected readonly rates = resource({
    params: () => this.wanted(),
    loader: async ({ params }) => useful(await this.api.post("/api/shipping/rates", { body: JSON.parse(params) as never })),
  });
  protected readonly chosenRate = computed<RateView | undefined>(() => {
    const rates = this.rates.hasValue() ? this.rates.value() : [];
    return rates.find((rate) => rate.method === this.method()) ?? rates[0];
  });
  private readonly terms = computed(() => {
    const cartId = this.store.cartId();
    const { state, zipCode } = this.address();
    const shippingMethod = this.chosenRate()?.method;
    if (!cartId || this.store.cart().guessed) return undefined;
    const address = state && shippingMethod && ZIP.test(zipCode) ? { shippingMethod, state, zipCode: zipCode.trim() } : {};
    return { cartId, query: { ...address, promotionCode: this.promotion() || undefined } };
  });
  private readonly priced = resource({
    params: () => this.terms(),
    loader: ({ params }) => this.api.get("/api/carts/{cartId}", { path: { cartId: params.cartId }, query: params.query }),
  });
  /** What it comes to: the shop's own sums as soon as it has answered, never ours. */
  protected readonly sums = computed(() => {
    const cart = this.store.cart();
    if (!this.priced.hasValue()) return { ...cart, guessed: true };
    const { subtotal, shipping, tax, discount, total } = this.priced.value();
    return { ...cart, subtotal, shipping, tax, discount, total };
  });
  protected readonly taxWords = computed(() => (this.terms()?.query.state ? "None" : "By your state"));

  constructor() {
    inject(Head).tell({ title: "Checkout" });
    void this.store.load();
    this.goOn(null);
    effect(() => {
      const customerId = this.session.customerId();
      if (customerId) untracked(() => void this.fillIn(customerId));
    });
    effect(() => {
      const [email, address] = [this.email(), this.address()];
      if (email || address.street || address.name) this.draft.write({ owner: this.session.customerId(), email, address });
    });
  }

  protected same(one: Address): boolean {
    return one.street === this.address().street && one.zipCode === this.address().zipCode;
  }

  protected use(one: Address): void {
    this.address.set({ ...NO_ADDRESS, ...one, name: one.name ?? "", street2: one.street2 ?? "" });
  }

  /** Have the shop take the code that was typed; false when it refuses it. */
  protected async apply(): Promise<boolean> {
    const cartId = this.store.cartId();
    const promotionCode = this.code().trim().toUpperCase();
    this.promotion.set("");
    this.promotionSays.set({ text: "", bad: false });
    if (!promotionCode || !cartId) return true;
    try {
      await this.api.get("/api/carts/{cartId}", { path: { cartId }, query: { promotionCode } });
      this.promotion.set(promotionCode);
      this.promotionSays.set({ text: "Applied.", bad: false });
      return true;
    } catch (thrown) {
      this.promotionSays.set({ text: Problem.of(thrown).message, bad: true });
      return false;
    }
  }

  /** Place the order, once: a second press does nothing, and a repeat after a lost answer carries the same key. */
  protected async place(event: Event): Promise<void> {
    event.preventDefault();
    if (this.busy() || this.blocked()) return;
    this.checked.set(true);
    this.trouble.set("");
    this.refused.tell([]);
    if (this.wrong() > 0) return this.goToWrong();
    this.busy.set(true);
    await this.store.send();
    if (await this.hasTypedCode()) await this.send();
    else this.goToWrong();
    this.busy.set(false);
  }

  /** Whether the order goes with the code that stands in the field, also where nobody pressed Apply. */
  private async hasTypedCode(): Promise<boolean> {
    return this.code().trim().toUpperCase() === this.promotion() || this.apply();
  }

  private async send(): Promise<void> {
    const cartId = this.store.cartId();
    if (!cartId) return;
    try {
      const body = {
        shippingAddress: sent(this.address()),
        paymentMethod: this.payment().method,
        paymentToken: this.payment().token,
        shippingMethod: this.chosenRate()?.method ?? null,
        promotionCode: this.promotion() || null,
        email: this.session.signedIn() ? null : this.email().trim(),
      };
      const idempotencyKey = this.keyFor(JSON.stringify([cartId, body]));
      const order = await this.api.post("/api/carts/{cartId}/checkout", { path: { cartId }, body, idempotencyKey });
      if (order.accessToken) this.orders.remember(order.id, order.accessToken);
      this.zip.remember(this.address().zipCode.trim().slice(0, 5));
      this.keys.write(null);
      this.draft.write(null);
      this.store.leave();
      await this.router.navigate(["/orders", order.id], { queryParams: { placed: 1 } });
    } catch (thrown) {
      this.tell(Problem.of(thrown));
    }
  }

  /** One key for one order as it is written; another address or payment is another request. */
  private keyFor(request: string): string {
    const kept = this.keys.read();
    if (kept?.cartId === request) return kept.key;
    const key = crypto.randomUUID();
    this.keys.write({ cartId: request, key });
    return key;
  }

  private tell(problem: Problem): void {
    this.refused.tell(problem.errors);
    if (this.wrong() > 0) return this.goToWrong();
    if (problem.code === "not-enough-stock" || problem.code === "cart-empty") void this.store.load();
    if (problem.code === "not-enough-stock") this.trouble.set("Something sold out while you were here: see your cart.");
    else if (problem.status === 0) this.trouble.set("You are offline. Nothing was ordered; press again when you are back.");
    else this.trouble.set(problem.errors[0]?.detail ?? problem.message);
  }

  /** Return what the shop said of each field of the address that is still as it was then. */
  private fromServer(): Readonly<Partial<Record<keyof TypedAddress, string>>> {
    const fields = Object.keys(NO_ADDRESS) as (keyof TypedAddress)[];
    const found = fields.map((field) => [field, this.refused.of(ADDRESS + field)] as const);
    return Object.fromEntries(found.filter(([, detail]) => detail));
  }

  private valueAt(pointer: string): string {
    if (pointer === "/email") return this.email();
    return this.address()[pointer.slice(ADDRESS.length) as keyof TypedAddress] ?? "";
  }

  /** Put the focus into the first field that is not right, once it is shown as such. */
  private goToWrong(): void {
    setTimeout(() => this.element.nativeElement.querySelector<HTMLElement>("[aria-invalid]")?.focus());
  }

  /** Go on with what its owner had typed. */
  private goOn(owner: string | null): void {
    if (this.started?.owner !== owner || this.address().street) return;
    this.email.set(this.started.email);
    this.address.set(this.started.address);
  }

  private async fillIn(customerId: string): Promise<void> {
    this.goOn(customerId);
    try {
      const customer = await this.api.get("/api/customers/{customerId}", { path: { customerId } });
      const known = [customer.address, ...customer.addresses].filter((one): one is Address => one !== null);
      this.saved.set(known);
      const first = known[0];
      if (first && !this.address().street) this.use({ ...first, name: first.name ?? customer.name });
    } catch {
      // The form can be filled in by hand.
    }
  }
}
