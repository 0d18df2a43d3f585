import { httpResource } from "@angular/common/http";
import { Component, inject, signal } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { MatProgressBar } from "@angular/material/progress-bar";
import { RouterLink } from "@angular/router";
import { Api, EventView, WebhookView } from "@kibble/shared";

import { Actions } from "../ui/action";
import { Trouble } from "../ui/trouble";
import { endpointFields, filledIn, standing } from "./telling";

/** The endpoints outside the shop that are told of events. */
@Component({
  selector: "kba-webhook-list",
  imports: [MatButton, MatProgressBar, RouterLink, Trouble],
  template: `
    <div class="page-head"><h1>Webhooks</h1><span class="grow"></span><button mat-flat-button type="button" [disabled]="!events.hasValue()" (click)="add()">New webhook…</button></div>
    @if (made(); as one) {
      <section class="panel" role="status">The secret of <strong>{{ one.url }}</strong> is <code class="secret">{{ one.secret }}</code>. It is shown once.</section>
    }
    <kba-trouble [of]="all.error()" (again)="all.reload()" />
    @if (all.isLoading() && !all.hasValue()) { <mat-progress-bar mode="indeterminate" aria-label="Loading" /> }
    @if (all.hasValue()) {
      <section class="panel">
        @if (all.value().length) {
          <table class="grid stacks">
            <thead><tr><th scope="col">Address</th><th scope="col">Events</th><th scope="col">State</th></tr></thead>
            <tbody>
              @for (one of all.value(); track one.id) {
                <tr>
                  <td><a [routerLink]="['/webhooks', one.id]">{{ one.url }}</a><div class="quiet">{{ one.description }}</div></td>
                  <td data-label="Events">{{ one.events.join(", ") }}</td>
                  <td data-label="State" [class.bad]="standing(one) !== 'On'">{{ standing(one) }}</td>
                </tr>
              }
            </tbody>
          </table>
        } @else { <p class="empty">No other program is told of what happens here.</p> }
      </section>
    }
  `,
  styles: `
    .secret { user-select: all; padding: 0.125rem 0.375rem; background: var(--ground); border-radius: 0.25rem; overflow-wrap: anywhere; }
    a, td { overflow-wrap: anywhere; }
  `,
})
export class WebhookList {
  private readonly api = inject(Api);
  private readonly actions = inject(Actions);
  protected readonly standing = standing;
  protected readonly made = signal<WebhookView | null>(null);
  protected readonly all = httpResource<WebhookView[]>(() => Api.read("/api/webhooks"));
  protected readonly events = httpResource<EventView[]>(() => Api.read("/api/webhooks/events"));

  protected async add(): Promise<void> {
    const events = this.events.value() ?? [];
    const made = await this.actions.ask({
      title: "New webhook",
      says: ["What happens from now on is sent to the address, signed with a secret that is shown once."],
      confirm: "Add it",
      fields: endpointFields(events),
      run: (values, idempotencyKey) => this.api.post("/api/webhooks", { body: filledIn(values, events), idempotencyKey }),
      done: () => "The secret is on the page.",
    });
    if (!made) return;
    this.made.set(made);
    this.all.reload();
  }
}
