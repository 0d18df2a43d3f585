import { DatePipe } from "@angular/common";
import { httpResource } from "@angular/common/http";
import { Component, computed, inject, input } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { RouterLink } from "@angular/router";
import { Api, Interval, MoneyPipe, Session, SubscriptionView } from "@kibble/shared";

import { may } from "../core/access";
import { orderNumber } from "../core/texts";
import { Actions } from "../ui/action";
import { State } from "../ui/state";
import { Trouble } from "../ui/trouble";

const MOST = 20;

/** What a customer gets by Autoship, and what can be done about it on the telephone. */
@Component({
  selector: "kba-autoship",
  imports: [DatePipe, MatButton, MoneyPipe, RouterLink, State, Trouble],
  template: `
    <section class="panel">
      <h2>Autoship</h2>
      <kba-trouble [of]="all.error()" (again)="all.reload()" />
      @if (all.hasValue()) {
        @for (one of all.value(); track one.id) {
          <div class="one">
            <div>
              <kba-state [of]="one.status" />
              @for (item of one.items; track item.id) {
                <div>{{ item.quantity }} × {{ item.name ?? item.productId }} <span class="quiet">{{ rhythm(item.interval) }}</span></div>
              }
              <div class="quiet">
                @if (one.status === "ACTIVE" && one.nextDate) { Next on {{ one.nextDate | date: "EEE, MMM d" }}{{ one.estimate ? ", about " + (one.estimate.total | money: one.currency) : "" }} }
                @if (one.status === "PAUSED" && one.resumesOn) { Until {{ one.resumesOn | date: "EEE, MMM d" }} }
                @if (one.reason) { <div class="bad">{{ one.reason }}</div> }
                @if (one.lastOrderId; as last) { <div>Last order <a class="mono" [routerLink]="['/orders', last]">{{ number(last) }}</a></div> }
              </div>
            </div>
            @if (writes() && (one.status === "ACTIVE" || one.status === "PAUSED")) {
              <div class="buttons">
                @if (one.status === "ACTIVE") {
                  @if (one.nextDate) { <button mat-button type="button" (click)="skip(one)">Skip the next…</button> }
                  <button mat-button type="button" (click)="pause(one)">Pause…</button>
                } @else { <button mat-button type="button" (click)="resume(one)">Resume…</button> }
                <button mat-button type="button" (click)="cancel(one)">Cancel it…</button>
              </div>
            }
          </div>
        } @empty { <p class="quiet">None.</p> }
        @if (all.value().length === most) { <p class="quiet">These are the newest {{ most }}.</p> }
      }
    </section>
  `,
  styles: `
    .one { padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
    .one:last-of-type { border: 0; padding-bottom: 0; }
    .buttons { display: flex; flex-wrap: wrap; margin-inline-start: -0.75rem; }
  `,
})
export class AutoshipPanel {
  readonly customerId = input.required<string>();
  private readonly api = inject(Api);
  private readonly actions = inject(Actions);
  private readonly session = inject(Session);
  protected readonly most = MOST;
  protected readonly number = orderNumber;
  protected readonly all = httpResource<SubscriptionView[]>(() => Api.read("/api/subscriptions", { query: { userId: this.customerId(), limit: MOST } }));
  protected readonly writes = computed(() => may(this.session.current(), "orders:write"));

  protected rhythm(interval: Interval | null | undefined): string {
    if (!interval) return "once, with the next order";
    return interval.every === 1 ? `every ${interval.unit}` : `every ${interval.every} ${interval.unit}s`;
  }

  protected skip({ id }: SubscriptionView): Promise<void> {
    return this.act("Skip the next order", "The next order is left out; the one after it comes when it is due.", "Skip it", "It is skipped.", (idempotencyKey) =>
      this.api.post("/api/subscriptions/{subscriptionId}/skip", { path: { subscriptionId: id }, body: {}, idempotencyKey }),
    );
  }

  protected pause({ id }: SubscriptionView): Promise<void> {
    return this.act("Pause", "Nothing is ordered or charged until it is resumed.", "Pause it", "It is paused.", (idempotencyKey) =>
      this.api.post("/api/subscriptions/{subscriptionId}/pause", { path: { subscriptionId: id }, body: {}, idempotencyKey }),
    );
  }

  protected resume({ id }: SubscriptionView): Promise<void> {
    return this.act("Resume", "It goes on, with the next order when the intervals say.", "Resume it", "It goes on.", (idempotencyKey) =>
      this.api.post("/api/subscriptions/{subscriptionId}/resume", { path: { subscriptionId: id }, body: {}, idempotencyKey }),
    );
  }

  protected cancel({ id }: SubscriptionView): Promise<void> {
    const says = "It ends for good. What was ordered already still comes; cancel that order by itself.";
    return this.act("Cancel the Autoship", says, "Cancel the Autoship", "The Autoship is cancelled.", () =>
      this.api.delete("/api/subscriptions/{subscriptionId}", { path: { subscriptionId: id } }), true,
    );
  }

  private async act(title: string, says: string, confirm: string, said: string, work: (idempotencyKey: string) => Promise<unknown>, danger = false): Promise<void> {
    const done = await this.actions.ask({ title, says: [says], confirm, danger, run: (_, key) => work(key).then(() => true), done: () => said });
    if (done) this.all.reload();
  }
}
