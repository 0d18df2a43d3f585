import { JsonPipe } from "@angular/common";
import { httpResource } from "@angular/common/http";
import { Component, computed, inject } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { MatProgressBar } from "@angular/material/progress-bar";
import { RouterLink } from "@angular/router";
import { Api, LagsView, ParkedView } from "@kibble/shared";

import { duration } from "../core/texts";
import { Actions } from "../ui/action";
import { State } from "../ui/state";
import { Trouble } from "../ui/trouble";
import { WhenPipe } from "../ui/when";

/** Events that a service could not apply: to look at, to try again, or to forget. */
@Component({
  selector: "kba-dead-letters",
  imports: [JsonPipe, MatButton, MatProgressBar, RouterLink, State, Trouble, WhenPipe],
  template: `
    <div class="page-head">
      <h1>Dead letters</h1><span class="grow"></span>
      @if (dead().length > 1) { <button mat-stroked-button type="button" (click)="replayAll()">Replay all {{ dead().length }}…</button> }
      <button mat-button type="button" (click)="refresh()">Refresh</button>
    </div>
    <kba-trouble [of]="parked.error()" (again)="parked.reload()" />
    @if (parked.isLoading() && !parked.hasValue()) { <mat-progress-bar mode="indeterminate" aria-label="Loading" /> }
    @if (parked.hasValue()) {
      @for (event of parked.value(); track event.consumer + event.eventId) {
        <section class="panel" [attr.aria-label]="event.type + ' for ' + event.consumer + ', ' + event.eventId">
          <div class="head">
            <div><strong>{{ event.type }}</strong> for <strong>{{ event.consumer }}</strong>&ngsp;<kba-state [of]="event.status" />
              <div class="quiet">{{ event.parkedAt | when: "seconds" }}, {{ event.attempts }} attempts · about
                @if (event.topic === "order_events" || event.topic === "payment_events" || event.topic === "shipping_events") { <a class="mono" [routerLink]="['/orders', event.key]">{{ event.key }}</a> } @else { <span class="mono">{{ event.key }}</span> }
              </div></div>
            <div class="buttons">
              <button mat-stroked-button type="button" (click)="replay(event)">Replay…</button>
              <button mat-button type="button" (click)="drop(event)">Drop…</button>
            </div>
          </div>
          <p class="bad">{{ event.error }}</p>
          <details><summary>The event</summary><pre tabindex="0">{{ event.event | json }}</pre></details>
        </section>
      } @empty {
        <section class="panel"><p class="empty">Every event was applied. Nothing to do.</p></section>
      }
    }
    @if (lag.hasValue()) {
      <section class="panel">
        <h2>Lag</h2>
        @for (feed of lag.value().feeds; track feed.feed) { <div class="line"><span class="mono feed">{{ feed.feed }}</span><span class="num">{{ duration(feed.seconds) }}</span></div> } @empty { <p class="quiet">No consumer is behind.</p> }
      </section>
    }
  `,
  styles: `
    .head, .line { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0.5rem 1rem; }
    p { margin: 0.5rem 0; overflow-wrap: anywhere; }
    .line { flex-wrap: nowrap; }
    .feed { min-width: 0; overflow-wrap: anywhere; }
    pre { max-height: 24rem; overflow: auto; font-size: 0.75rem; background: var(--ground); padding: 0.75rem; border-radius: 0.5rem; }
    summary { cursor: pointer; }
  `,
})
export class DeadLetters {
  private readonly api = inject(Api);
  private readonly actions = inject(Actions);
  protected readonly duration = duration;
  protected readonly parked = httpResource<ParkedView[]>(() => Api.read("/api/events/parked"));
  protected readonly lag = httpResource<LagsView>(() => Api.read("/api/events/lag"));
  protected readonly dead = computed(() => (this.parked.hasValue() ? this.parked.value().filter((event) => event.status === "dead") : []));

  protected refresh(): void {
    this.parked.reload();
    this.lag.reload();
  }

  protected async replay(event: ParkedView): Promise<void> {
    const done = await this.actions.ask({
      title: `Replay ${event.type}`,
      says: [`${event.consumer} tries the event again at once, under its own id: what it has applied before, it does not apply twice.`],
      confirm: "Replay",
      run: (_, idempotencyKey) => this.again(event, idempotencyKey),
      done: () => "It is tried again. It leaves this page when it was applied.",
    });
    if (done) this.later();
  }

  protected async replayAll(): Promise<void> {
    const events = this.dead();
    const done = await this.actions.ask({
      title: `Replay ${events.length} events`,
      says: ["Each consumer tries its events again at once; none is applied twice."],
      confirm: "Replay all",
      run: async (_, idempotencyKey, progress) => {
        for (const [index, event] of events.entries()) {
          progress(`${index + 1} of ${events.length}`);
          await this.again(event, `${idempotencyKey}-${index}`);
        }
        return events.length;
      },
      done: (count) => `${count} events are tried again.`,
    });
    if (done) this.later();
  }

  protected async drop(event: ParkedView): Promise<void> {
    const done = await this.actions.ask({
      title: `Drop ${event.type}`,
      says: [`${event.consumer} never applies this event. What it tells of stays undone there, unless somebody does it by hand.`, "This cannot be taken back."],
      confirm: "Drop it",
      danger: true,
      run: async () => {
        await this.api.delete("/api/events/parked/{consumer}/{eventId}", this.path(event));
        return true;
      },
      done: () => "The event is dropped.",
    });
    if (done) this.refresh();
  }

  private again(event: ParkedView, idempotencyKey: string) {
    return this.api.post("/api/events/parked/{consumer}/{eventId}/replay", { ...this.path(event), idempotencyKey });
  }

  private path(event: ParkedView) {
    return { path: { consumer: event.consumer, eventId: event.eventId } };
  }

  /** Look again at once, and when the event had time to be applied. */
  private later(): void {
    this.refresh();
    setTimeout(() => this.refresh(), 2_000);
  }
}
