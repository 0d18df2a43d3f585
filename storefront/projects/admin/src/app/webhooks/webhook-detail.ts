import { DatePipe, JsonPipe } from "@angular/common";
import { httpResource } from "@angular/common/http";
import { Component, effect, inject, input, signal, untracked } from "@angular/core";
import { FormsModule } from "@angular/forms";
import { MatButton } from "@angular/material/button";
import { MatFormField, MatLabel } from "@angular/material/form-field";
import { MatProgressBar } from "@angular/material/progress-bar";
import { MatOption, MatSelect } from "@angular/material/select";
import { Router } from "@angular/router";
import { Api, DeliveryDetail, DeliveryStatus, DeliveryView, EventView, WebhookView } from "@kibble/shared";

import { PagedList } from "../core/paged-list";
import { Actions } from "../ui/action";
import { State } from "../ui/state";
import { Trouble } from "../ui/trouble";
import { WhenPipe } from "../ui/when";
import { dayBegins, endpointFields, filledIn, outcome, standing } from "./telling";

/** One endpoint: what it was told, what became of it, and everything that can be done about it. */
@Component({
  selector: "kba-webhook-detail",
  imports: [DatePipe, FormsModule, JsonPipe, MatButton, MatFormField, MatLabel, MatOption, MatProgressBar, MatSelect, State, Trouble, WhenPipe],
  templateUrl: "./webhook-detail.html",
  styles: `
    .secret { user-select: all; padding: 0.125rem 0.375rem; background: var(--ground); border-radius: 0.25rem; }
    .secret, dd, td { overflow-wrap: anywhere; }
    pre { max-height: 24rem; overflow: auto; font-size: 0.75rem; background: var(--ground); padding: 0.75rem; border-radius: 0.5rem; }
  `,
})
export class WebhookDetail {
  readonly webhookId = input.required<string>();
  private readonly api = inject(Api);
  private readonly actions = inject(Actions);
  private readonly router = inject(Router);
  protected readonly standing = standing;
  protected readonly outcome = outcome;
  protected readonly statuses: readonly DeliveryStatus[] = ["PENDING", "DELIVERED", "FAILED"];
  protected readonly status = signal<DeliveryStatus | "">("");
  protected readonly secret = signal("");
  protected readonly looked = signal<DeliveryDetail | null>(null);
  protected readonly one = httpResource<WebhookView>(() => Api.read("/api/webhooks/{webhookId}", { path: { webhookId: this.webhookId() } }));
  protected readonly events = httpResource<EventView[]>(() => Api.read("/api/webhooks/events"));
  protected readonly told = new PagedList<DeliveryView>((cursor) => {
    const status = this.status();
    return this.api.page("/api/webhooks/{webhookId}/deliveries", {
      path: { webhookId: this.webhookId() },
      query: { limit: 25, ...(status ? { status } : {}), ...(cursor ? { cursor } : {}) },
    });
  });

  constructor() {
    effect(() => {
      this.status();
      this.webhookId();
      untracked(() => void this.told.reload());
    });
  }

  protected refresh(): void {
    this.one.reload();
    void this.told.reload();
  }

  protected async look(delivery: DeliveryView): Promise<void> {
    this.looked.set(await this.api.get("/api/webhooks/{webhookId}/deliveries/{deliveryId}", { path: { ...this.path(), deliveryId: delivery.id } }));
  }

  protected async edit(now: WebhookView): Promise<void> {
    const events = this.events.value() ?? [];
    await this.act(
      this.actions.ask({
        title: "Change the webhook",
        says: ["What was noted already is sent as it is."],
        confirm: "Save",
        fields: endpointFields(events, now),
        run: (values) => this.api.patch("/api/webhooks/{webhookId}", { path: this.path(), body: filledIn(values, events) }),
        done: () => "It is changed.",
      }),
    );
  }

  protected async turn(now: WebhookView): Promise<void> {
    await this.act(
      this.actions.ask({
        title: now.enabled ? "Switch the webhook off" : "Switch the webhook on",
        says: [now.enabled ? "What it would be told waits, for 30 days." : "What waits is sent now."],
        confirm: now.enabled ? "Switch it off" : "Switch it on",
        danger: now.enabled,
        run: () => this.api.patch("/api/webhooks/{webhookId}", { path: this.path(), body: { enabled: !now.enabled } }),
        done: (changed) => (changed.enabled ? "It is on." : "It is off."),
      }),
    );
  }

  protected async rotate(): Promise<void> {
    const changed = await this.actions.ask({
      title: "New secret",
      says: ["Everything is signed with both secrets until the old one ends."],
      confirm: "Make a new secret",
      fields: [{ name: "hours", label: "Hours until the old one ends", kind: "number", value: "24", required: true }],
      run: (values, idempotencyKey) =>
        this.api.post("/api/webhooks/{webhookId}/secret", { path: this.path(), body: { overlapHours: Number(values["hours"]) }, idempotencyKey }),
      done: () => "The new secret is on the page.",
    });
    this.secret.set(changed?.secret ?? "");
    if (changed) this.refresh();
  }

  protected async test(): Promise<void> {
    await this.act(
      this.actions.ask({
        title: "Send a test event",
        says: ["The endpoint gets an event of the type webhook.test, which means nothing."],
        confirm: "Send it",
        run: (_, idempotencyKey) => this.api.post("/api/webhooks/{webhookId}/test", { path: this.path(), idempotencyKey }),
        done: () => "It is on its way.",
      }),
    );
  }

  protected async replay(delivery: DeliveryView): Promise<void> {
    await this.act(
      this.actions.ask({
        title: `Send ${delivery.type} again`,
        says: ["It is sent under the same id: a receiver that has it knows it."],
        confirm: "Send it again",
        run: (_, idempotencyKey) =>
          this.api.post("/api/webhooks/{webhookId}/deliveries/{deliveryId}/replay", { path: { ...this.path(), deliveryId: delivery.id }, idempotencyKey }),
        done: () => "It is on its way.",
      }),
    );
  }

  protected async replayRange(): Promise<void> {
    await this.act(
      this.actions.ask({
        title: "Send what failed again",
        says: ["All events that failed and were noted since a day, up to 500 at once."],
        confirm: "Send them again",
        fields: [{ name: "since", label: "Since (YYYY-MM-DD)", kind: "text", required: true }],
        run: (values, idempotencyKey) =>
          this.api.post("/api/webhooks/{webhookId}/replay", { path: this.path(), body: { since: dayBegins(values["since"] ?? "") ?? "" }, idempotencyKey }),
        done: ({ replayed, next }) => `${replayed} are on their way.${next ? " There are more." : ""}`,
      }),
    );
  }

  protected async remove(now: WebhookView): Promise<void> {
    const done = await this.actions.ask({
      title: "Remove the webhook",
      says: [`${now.url} is told of nothing any more, and what it was told is forgotten.`, "This cannot be taken back."],
      confirm: "Remove it",
      danger: true,
      run: async () => {
        await this.api.delete("/api/webhooks/{webhookId}", { path: this.path() });
        return true;
      },
      done: () => "It is removed.",
    });
    if (done) await this.router.navigate(["/webhooks"]);
  }

  private path(): { readonly webhookId: string } {
    return { webhookId: this.webhookId() };
  }

  private async act(asked: Promise<unknown>): Promise<void> {
    if (await asked) this.refresh();
  }
}
