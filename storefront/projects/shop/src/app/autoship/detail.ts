import { Component, computed, DestroyRef, effect, inject, input, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Api, ChangeSubscription, MoneyPipe, Problem, Session, SubscriptionView } from "@kibble/shared";

import { CARD, Payment, PaymentChoice } from "../checkout/payment-choice";
import { Head } from "../core/head";
import { Toasts } from "../core/toasts";
import { Empty } from "../ui/empty";
import { Line } from "./line";
import { called, changeable, dateOf, dayOf, LineChange, says, withChange } from "./words";

const LOOK_MS = 3000;

/** One Autoship: when it comes, what is in it, and every way to change that. */
@Component({
  selector: "kb-autoship",
  imports: [RouterLink, MoneyPipe, Empty, Line, PaymentChoice],
  template: `
    @if (shown(); as shown) {
      <div class="spread">
        <h1>{{ calledOf(shown) }}</h1>
        <p class="tag" [class.good]="active() && shown.phase !== 'RETRYING'" [class.none]="shown.phase === 'RETRYING'" role="status">{{ saysOf(shown) }}</p>
      </div>
      <div class="stack part">
        @if (trouble(); as trouble) {
          <p class="note bad" role="alert">{{ trouble }}</p>
        }
        @if (shown.status === "PAUSED" && shown.reason) {
          <p class="note warn">{{ shown.reason }}</p>
        }
        @if (!over()) {
          <section class="box stack" aria-labelledby="next">
            <h2 id="next">{{ shown.status === "PAUSED" ? "It is paused" : "The next order" }}</h2>
            @if (shown.nextDate; as date) {
              <p><span class="strong">{{ dayOf(date) }}</span>@if (shown.estimate; as estimate) {, about <span class="price">{{ estimate.total | money: shown.currency }}</span>}</p>
            }
            @if (active() && shown.estimate?.discount) {
              <p class="small">{{ shown.estimate!.discount | money: shown.currency }} of discount is off already.</p>
            }
            @if (active() && !shown.nextDate) {
              <p>Nothing goes out just now: every line waits. See below.</p>
            } @else if (active() && !open()) {
              <p class="note">Its lines are fixed, so that we can pack them. They may change again once it is paid.</p>
            }
            @if (shown.orderId ?? shown.lastOrderId; as orderId) {
              <p><a [routerLink]="['/orders', orderId]">See the {{ shown.orderId ? "order" : "last order" }}</a></p>
            }
            <div class="row">
              @if (active()) {
                @if (shown.nextDate) {
                  <button class="button" type="button" [attr.aria-disabled]="busy()" (click)="act('order-now')">Order now</button>
                  <button class="button plain" type="button" [attr.aria-disabled]="busy()" (click)="act('skip')">Skip the next one</button>
                }
                <button class="button plain" type="button" [attr.aria-disabled]="busy()" (click)="act('pause')">Pause</button>
              } @else {
                <button class="button" type="button" [attr.aria-disabled]="busy()" (click)="act('resume')">Resume</button>
              }
            </div>
            @if (active() && shown.nextDate && open()) {
              <div class="field date">
                <label for="date">Have it on another day</label>
                <input class="input" id="date" type="date" [min]="today" [value]="shown.nextDate" (change)="move($any($event.target).value)" />
              </div>
            }
          </section>
        }
        <section class="box stack" aria-labelledby="lines">
          <h2 id="lines">{{ over() ? "What came" : "What comes" }}</h2>
          <ul class="plain-list">
            @for (item of shown.items; track item.id) {
              <li><kb-autoship-line [item]="item" [currency]="shown.currency" [coming]="active()" [changeable]="open() && !busy()" [only]="shown.items.length === 1" (changed)="changeLine(item.id, $event)" (removed)="changeLine(item.id, null)" (swapped)="swap(item.id, $event)" (approved)="approve(item.id)" /></li>
            }
          </ul>
        </section>
        @if (!over()) {
          <details class="box stack">
            <summary class="strong">How it is paid</summary>
            <kb-payment-choice [later]="true" [(payment)]="payment" />
            <button class="button plain" type="button" (click)="pay()">Pay so from now on</button>
          </details>
          @if (asking()) {
            <div class="note warn stack-2" role="alertdialog" aria-labelledby="cancel-ask">
              <p id="cancel-ask" class="strong">Cancel this Autoship for good? What was ordered already still comes.</p>
              <div class="row"><button class="button" type="button" (click)="cancel()">Yes, cancel it</button><button class="button plain" type="button" (click)="asking.set(false)">Keep it</button></div>
            </div>
          } @else {
            <p><button class="link danger" type="button" (click)="asking.set(true)">Cancel this Autoship</button></p>
          }
        }
      </div>
    } @else if (problem(); as problem) {
      <kb-empty>
        <h1>{{ problem.status === 404 ? "There is no such Autoship" : "This did not load" }}</h1>
        <p class="quiet">{{ problem.status === 404 ? "It may belong to another account." : problem.message }}</p>
        <a class="button" routerLink="/account/autoship">All your Autoships</a>
      </kb-empty>
    } @else {
      <div class="skeleton" [style.height.px]="360" aria-busy="true"></div>
    }
  `,
  styles: `
    .part { margin-top: 1rem; max-width: 44rem; }
    .date { max-width: 16rem; }
  `,
})
export class AutoshipPage {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly toasts = inject(Toasts);

  readonly subscriptionId = input.required<string>();
  protected readonly shown = signal<SubscriptionView | null>(null);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly trouble = signal("");
  protected readonly busy = signal(false);
  protected readonly asking = signal(false);
  protected readonly payment = signal<Payment>(CARD);
  protected readonly active = computed(() => this.shown()?.status === "ACTIVE");
  protected readonly over = computed(() => !this.active() && this.shown()?.status !== "PAUSED");
  protected readonly open = computed(() => this.shown() !== null && changeable(this.shown()!));
  protected readonly today = dateOf(new Date());
  protected readonly calledOf = called;
  protected readonly dayOf = dayOf;
  protected readonly saysOf = says;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    inject(Head).tell({ title: "Your Autoship" });
    inject(DestroyRef).onDestroy(() => clearTimeout(this.timer));
    effect(() => {
      this.subscriptionId();
      void this.session.load().then(() => this.look());
    });
  }

  protected async act(what: "order-now" | "skip" | "pause" | "resume"): Promise<void> {
    const path = { subscriptionId: this.subscriptionId() };
    const said = { "order-now": "Your order is on its way to us.", skip: "Skipped.", pause: "Paused. Nothing is charged.", resume: "It goes on." }[what];
    if (what === "order-now") await this.change(said, (key) => this.api.post("/api/subscriptions/{subscriptionId}/order-now", { path, idempotencyKey: key }));
    else if (what === "skip") await this.change(said, (key) => this.api.post("/api/subscriptions/{subscriptionId}/skip", { path, body: {}, idempotencyKey: key }));
    else if (what === "pause") await this.change(said, () => this.api.post("/api/subscriptions/{subscriptionId}/pause", { path, body: {} }));
    else await this.change(said, () => this.api.post("/api/subscriptions/{subscriptionId}/resume", { path, body: {} }));
  }

  protected async move(nextDate: string): Promise<void> {
    if (nextDate) await this.patch(`It comes on ${dayOf(nextDate)}.`, { nextDate });
  }

  /** Change a line, or take it out (null). */
  protected async changeLine(itemId: string, change: LineChange | null): Promise<void> {
    await this.patch("Changed.", { items: withChange(this.shown()?.items ?? [], itemId, change) });
  }

  protected async pay(): Promise<void> {
    const { method, token } = this.payment();
    await this.patch("The next orders are paid so.", { paymentMethod: method, paymentToken: token ?? undefined });
  }

  protected async swap(itemId: string, productId: string): Promise<void> {
    const path = { subscriptionId: this.subscriptionId() };
    await this.change("Swapped.", () => this.api.post("/api/subscriptions/{subscriptionId}/swap", { path, body: { itemId, productId } }));
  }

  protected async approve(itemId: string): Promise<void> {
    const path = { subscriptionId: this.subscriptionId() };
    await this.change("It comes at the new price.", () => this.api.post("/api/subscriptions/{subscriptionId}/approve", { path, body: { itemId } }));
  }

  protected async cancel(): Promise<void> {
    const path = { subscriptionId: this.subscriptionId() };
    await this.change("Your Autoship is cancelled.", async () => {
      await this.api.delete("/api/subscriptions/{subscriptionId}", { path });
      return this.api.get("/api/subscriptions/{subscriptionId}", { path });
    });
    this.asking.set(false);
  }

  private async patch(said: string, body: ChangeSubscription): Promise<void> {
    const path = { subscriptionId: this.subscriptionId() };
    await this.change(said, () => this.api.patch("/api/subscriptions/{subscriptionId}", { path, body }));
  }

  /** Do it once, show what it is now, and say so; or say why not, and show it as it is. */
  private async change(said: string, work: (key: string) => Promise<SubscriptionView>): Promise<void> {
    if (this.busy()) return;
    this.busy.set(true);
    this.trouble.set("");
    try {
      this.shown.set(await work(crypto.randomUUID()));
      this.toasts.show(said);
      this.follow();
    } catch (thrown) {
      const problem = Problem.of(thrown);
      this.trouble.set(problem.errors[0]?.detail ?? problem.message);
      await this.look();
    }
    this.busy.set(false);
  }

  private async look(): Promise<void> {
    try {
      this.shown.set(await this.api.get("/api/subscriptions/{subscriptionId}", { path: { subscriptionId: this.subscriptionId() } }));
      this.follow();
    } catch (thrown) {
      if (!this.shown()) this.problem.set(Problem.of(thrown));
    }
  }

  /** Look again while an order is being placed or paid. */
  private follow(): void {
    clearTimeout(this.timer);
    const shown = this.shown();
    if (shown?.status === "ACTIVE" && !changeable(shown)) this.timer = setTimeout(() => void this.look(), LOOK_MS);
  }
}
