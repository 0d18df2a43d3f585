import { Component, computed, DestroyRef, effect, inject, input, signal } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import { Api, EntryView, MoneyPipe, orderNumber, OrderView, Problem, Session, ShipmentView } from "@kibble/shared";

import { CartStore } from "../cart/cart.store";
import { approvalOf, Approval } from "../checkout/approval";
import { PayAgain } from "../checkout/pay-again";
import { Head } from "../core/head";
import { linkToken } from "../core/link-token";
import { GuestOrders } from "../core/orders";
import { day } from "../core/place";
import { Toasts } from "../core/toasts";
import { Empty } from "../ui/empty";
import { Asked, asked } from "./disputes";
import { cancellable, ended, parcelSays, says, steps, unpaid } from "./status";

const LOOKS_MS = [700, 1000, 1500, 2500, 4000, 8000, 15_000];

/** An order as it moves: what was ordered, whether it is paid, where it is. It is looked at again until it has ended. */
@Component({
  selector: "kb-order",
  imports: [RouterLink, MoneyPipe, Empty, PayAgain],
  template: `
    <div class="wide">
      @if (order(); as order) {
        <div class="spread">
          <div>
            <h1>{{ placed() && !unpaidNow() && !approval() && !cancelled() ? "Thank you" : "Your order" }}</h1>
            <p class="quiet small">Order <span [title]="order.id">{{ numberOf(order.id) }}</span></p>
          </div>
          <p class="tag" [class.good]="order.paymentStatus === 'PAID'" [class.none]="unpaidNow() || order.status === 'CANCELLED'" role="status">{{ saysOf(order) }}</p>
        </div>
        @if (placed() && !unpaidNow() && !cancelled() && order.email) {
          <p class="section-small">We write to {{ order.email }} when something happens. This page moves by itself.</p>
        }
        <div class="two section-small">
          <div class="stack">
            @if (unpaidNow()) {
              <section class="box stack" aria-labelledby="again">
                <h2 id="again">Your payment did not work</h2>
                <p class="note bad" role="alert">{{ reason() }} Nothing was taken.@if (order.holdExpiresAt) { We hold your things until {{ time(order.holdExpiresAt) }}.}</p>
                <kb-pay-again [orderId]="order.id" [amount]="order.amountDue" [currency]="order.currency" (refused)="refusal.set($event.message); look(0)" (taken)="refusal.set(''); look(0)" />
              </section>
            } @else if (approval(); as url) {
              <section class="box stack" aria-labelledby="approve">
                <h2 id="approve">Your payment waits for you</h2>
                <p>Nothing is taken until you approve it on the page of your bank or PayPal.</p>
                <a class="button big" [href]="url">Go on to approve it</a>
              </section>
            }
            @if (cancelled() && (order.paymentStatus === "PAID" || order.paymentStatus === "REFUNDED")) {
              <p class="note">What you paid goes back the way it came; banks take some days to show it.</p>
            }
            @if (disputes().length > 0) {
              <section class="box stack" aria-labelledby="asked">
                <h2 id="asked">About your payment</h2>
                @for (dispute of disputes(); track dispute.id) {
                  <p class="note" [class.warn]="dispute.open"><span class="small quiet">{{ time(dispute.at) }}</span><br />{{ dispute.text }}</p>
                }
              </section>
            }
            <section class="box stack" aria-labelledby="way">
              <h2 id="way">Where it is</h2>
              <ol class="steps">
                @for (step of steps(); track step.text) {
                  <li [class.done]="step.state === 'done'" [class.bad]="step.state === 'bad'">
                    <span class="strong">{{ step.text }}</span>
                    @if (step.at) { <span class="small quiet"> · {{ time(step.at) }}</span> } @else { <span class="seen-by-readers"> (to come)</span> }
                  </li>
                }
              </ol>
              @for (shipment of shipments(); track shipment.id) {
                <div class="stack-2 small">
                  <p><span class="strong">{{ shipment.carrier }} {{ shipment.trackingNumber }}</span> · {{ parcelSays(shipment) }}@if (shipment.status !== "DELIVERED") { · expected {{ dayOf(shipment.estimatedDelivery) }}}</p>
                  @if (shipments().length > 1) { <p class="quiet">{{ contents(shipment) }}</p> }
                  <details><summary>Every scan</summary>
                    <ul class="plain-list">
                      @for (scan of shipment.history; track scan.at) {
                        <li class="spread"><span>{{ scan.text }}@if (scan.place) {, {{ scan.place }}}</span><span class="quiet">{{ time(scan.at) }}</span></li>
                      }
                    </ul>
                  </details>
                </div>
              }
            </section>
            <div class="row">
              <button class="button plain" type="button" (click)="again()">Order this again</button>
              @if (canCancel()) {
                <button class="link danger" type="button" (click)="asking.set(true)">Cancel this order</button>
              }
            </div>
            @if (asking()) {
              <div class="note warn stack-2" role="alertdialog" aria-labelledby="cancel-ask">
                <p id="cancel-ask" class="strong">Cancel the whole order? {{ unpaidNow() ? "Nothing was taken." : "What you paid comes back." }}</p>
                <div class="row"><button class="button" type="button" (click)="cancel()">Yes, cancel it</button><button class="button plain" type="button" (click)="asking.set(false)">Keep it</button></div>
              </div>
            }
          </div>
          <div class="aside box stack">
            <h2>What you ordered</h2>
            <ul class="plain-list small">
              @for (item of order.items; track item.id) {
                <li class="spread"><a [routerLink]="['/p', item.productId]">{{ item.quantity }} × {{ item.name }}</a><span class="figure">{{ item.price * item.quantity | money }}</span></li>
              }
            </ul>
            <dl class="sums figure">
              <div><dt>Subtotal</dt><dd>{{ order.totalAmount | money: order.currency }}</dd></div>
              @if (order.discount > 0) { <div><dt>Discount</dt><dd>−{{ order.discount | money: order.currency }}</dd></div> }
              <div><dt>Shipping</dt><dd>{{ order.shippingCost === 0 ? "Free" : (order.shippingCost | money: order.currency) }}</dd></div>
              <div><dt>Taxes</dt><dd>{{ order.tax | money: order.currency }}</dd></div>
              <div class="total"><dt>Total</dt><dd>{{ order.amountDue | money: order.currency }}</dd></div>
              @if (order.refundedAmount > 0) { <div><dt>Paid back</dt><dd>{{ order.refundedAmount | money: order.currency }}</dd></div> }
            </dl>
            <div class="small"><p class="strong">Goes to</p><p>{{ order.shippingAddress["name"] }}<br />{{ order.shippingAddress["street"] }} {{ order.shippingAddress["street2"] }}<br />{{ order.shippingAddress["city"] }} {{ order.shippingAddress["state"] }} {{ order.shippingAddress["zipCode"] }}</p></div>
          </div>
        </div>
        @if (placed() && !session.signedIn()) {
          <p class="note section-small">Want to order again in two taps? <a routerLink="/register">Open an account</a>.</p>
        }
      } @else if (problem(); as problem) {
        <kb-empty>
          <h1>{{ problem.status === 404 || problem.status === 401 || problem.status === 403 ? "We cannot show this order here" : "This did not load" }}</h1>
          <p class="quiet">{{ problem.status === 404 || problem.status === 401 || problem.status === 403 ? "It shows in the browser that it was ordered with, by the link in its e-mails, or when you sign in." : problem.message }}</p>
          <a class="button" routerLink="/sign-in" [queryParams]="{ return: '/orders/' + orderId() }">Sign in</a>
        </kb-empty>
      } @else {
        <div class="two" aria-busy="true"><div class="skeleton" [style.height.px]="360"></div><div class="skeleton" [style.height.px]="300"></div></div>
      }
    </div>
  `,
})
export class OrderPage {
  private readonly api = inject(Api);
  private readonly orders = inject(GuestOrders);
  private readonly toasts = inject(Toasts);
  private readonly cart = inject(CartStore);
  private readonly leaving = inject(Approval);
  private readonly router = inject(Router);
  protected readonly session = inject(Session);

  readonly orderId = input.required<string>();
  /** Whether the visitor comes from the checkout. */
  readonly placed = input<string>();
  protected readonly order = signal<OrderView | null>(null);
  protected readonly entries = signal<readonly EntryView[]>([]);
  protected readonly parcelSays = parcelSays;
  protected readonly shipments = signal<readonly ShipmentView[]>([]);
  protected readonly problem = signal<Problem | null>(null);
  /** Where the customer approves the payment; null when nothing waits for them. */
  protected readonly approval = signal<string | null>(null);
  /** What the customer's bank wanted to know of the payment. */
  protected readonly disputes = signal<readonly Asked[]>([]);
  protected readonly asking = signal(false);
  protected readonly refusal = signal("");
  protected readonly unpaidNow = computed(() => this.order() !== null && unpaid(this.order()!));
  protected readonly cancelled = computed(() => this.order()?.status === "CANCELLED");
  protected readonly canCancel = computed(() => this.order() !== null && cancellable(this.order()!) && !this.asking());
  protected readonly steps = computed(() => (this.order() ? steps(this.order()!, this.entries()) : []));
  protected readonly reason = computed(() => {
    const failed = [...this.entries()].reverse().find((entry) => entry.type === "payment.failed");
    const details = failed?.details as { message?: string } | undefined;
    return this.refusal() || details?.message || "The payment was declined.";
  });
  protected readonly saysOf = says;
  protected readonly numberOf = orderNumber;
  protected readonly dayOf = day;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    inject(Head).tell({ title: "Your order" });
    inject(DestroyRef).onDestroy(() => clearTimeout(this.timer));
    let token = linkToken();
    effect(() => {
      const orderId = this.orderId();
      if (token) this.keep(orderId, token);
      token = null;
      void this.session.load().then(() => this.look(0));
    });
  }

  protected time(moment: string): string {
    return new Date(moment).toLocaleString("en-US", { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
  }

  protected async cancel(): Promise<void> {
    const order = this.order();
    if (!order) return;
    try {
      const path = { orderId: order.id };
      this.order.set(await this.api.post("/api/orders/{orderId}/cancel", { path, body: {}, token: this.token() }));
      this.toasts.show("Your order is cancelled.");
    } catch (thrown) {
      this.toasts.show(Problem.of(thrown).message);
    }
    this.asking.set(false);
    await this.look(0);
  }

  /** Put everything of the order into the cart. */
  protected async again(): Promise<void> {
    for (const item of this.order()?.items ?? []) {
      this.cart.add({ id: item.productId, name: item.name, price: item.price, image: null }, item.quantity);
    }
    await this.router.navigate(["/cart"]);
  }

  /** Return what is in a shipment, by the names that the order has for it. */
  protected contents(shipment: ShipmentView): string {
    const names = new Map(this.order()?.items.map((item) => [item.productId, item.name]));
    const items = shipment.parcels.flatMap((parcel) => parcel.items);
    return items.map((item) => `${item.quantity} × ${names.get(item.productId) ?? "part of a bundle"}`).join(", ");
  }

  /** Keep what the link of a guest's mail opens the order with, and take it out of the address, which people share. */
  private keep(orderId: string, token: string): void {
    this.orders.remember(orderId, token);
    void this.router.navigate([], { queryParamsHandling: "preserve", replaceUrl: true });
  }

  private token(): string | undefined {
    return this.orders.token(this.orderId());
  }

  /** Look, and look again later, less and less often, until there is nothing more to see. */
  protected async look(times: number): Promise<void> {
    clearTimeout(this.timer);
    const path = { orderId: this.orderId() };
    try {
      const [order, entries, shipments] = await Promise.all([
        this.api.get("/api/orders/{orderId}", { path, token: this.token() }),
        this.api.get("/api/orders/{orderId}/events", { path, token: this.token() }),
        this.api.get("/api/shipping", { query: path, token: this.token() }),
      ]);
      const moved = order.status !== this.order()?.status;
      this.order.set(order);
      this.entries.set(entries);
      this.shipments.set(shipments.filter((one) => one.status !== "VOIDED"));
      await this.ask(order, times === 0);
      if (!ended(order)) this.later(moved ? 0 : times);
    } catch (thrown) {
      const problem = Problem.of(thrown);
      if (this.order() === null && !problem.passing) this.problem.set(problem);
      else this.later(times);
    }
  }

  /** Find out whether the payment waits for the customer (straight from the checkout they are sent on by themselves), and at first whether it is disputed. */
  private async ask(order: OrderView, first: boolean): Promise<void> {
    const waits = order.status === "PENDING" && !unpaid(order);
    const payments = waits || first ? await this.api.get("/api/payments", { query: { orderId: order.id }, token: this.token() }) : [];
    if (first) this.disputes.set(asked(payments));
    this.approval.set(waits ? approvalOf(payments) : null);
    const url = this.approval();
    if (!url || !this.placed()) return;
    await this.router.navigate([], { queryParams: {}, replaceUrl: true });
    this.leaving.go(url);
  }

  private later(times: number): void {
    const pause = LOOKS_MS[Math.min(times, LOOKS_MS.length - 1)];
    this.timer = setTimeout(() => void this.look(times + 1), pause);
  }
}
