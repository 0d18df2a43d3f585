import { DatePipe } from "@angular/common";
import { httpResource } from "@angular/common/http";
import { Component, computed, inject } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { MatProgressBar } from "@angular/material/progress-bar";
import { Api, formatMoney, MoneyPipe, NewPromotion, PromotionKind, PromotionView, Session } from "@kibble/shared";

import { may } from "../core/access";
import { Actions, Field, Values } from "../ui/action";
import { periodFields, periodOf } from "../ui/period";
import { State } from "../ui/state";
import { Trouble } from "../ui/trouble";

const FIELDS: readonly Field[] = [
  { name: "code", label: "Code", kind: "text", required: true, hint: "letters, digits, - and _" },
  {
    name: "kind", label: "Kind", kind: "choice", value: "percent", required: true,
    options: [
      { value: "percent", label: "Per cent off" },
      { value: "amount", label: "Amount off" },
      { value: "free_shipping", label: "Free shipping" },
    ],
  },
  { name: "worth", label: "Per cent, or amount", kind: "number", hint: "nothing for free shipping", pointers: ["percent", "amount"] },
  { name: "description", label: "Description, as customers read it", kind: "text", required: true },
  { name: "minimum", label: "From an order of", kind: "number" },
  ...periodFields(null),
  { name: "maxUses", label: "Uses in all", kind: "whole" },
  { name: "maxUsesPerCustomer", label: "Uses by one customer", kind: "whole" },
];

/** The promotions: what runs, how often it was used; to start and to end them. */
@Component({
  selector: "kba-promotions",
  imports: [DatePipe, MatButton, MatProgressBar, MoneyPipe, State, Trouble],
  template: `
    <div class="page-head">
      <h1>Promotions</h1><span class="grow"></span>
      @if (writes()) { <button mat-flat-button type="button" (click)="start()">New promotion…</button> }
    </div>
    <kba-trouble [of]="all.error()" (again)="all.reload()" />
    @if (all.isLoading() && !all.hasValue()) { <mat-progress-bar mode="indeterminate" aria-label="Loading" /> }
    @if (all.hasValue()) {
      <section class="panel">
        <table class="grid stacks">
          <thead><tr><th scope="col">Code</th><th scope="col">What it gives</th><th scope="col">Runs</th><th scope="col" class="num">Basket from</th><th scope="col" class="num">Used</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
          <tbody>
            @for (one of all.value(); track one.code) {
              <tr>
                <td class="mono word">{{ one.code }}</td>
                <td data-label="Gives">{{ gives(one) }}<div class="quiet">{{ one.description }}</div></td>
                <td data-label="Runs">
                  <kba-state [of]="stageOf(one)" />
                  <div class="quiet">{{ one.endsAt ? "" : "from " }}{{ one.startsAt | date: "MMM d, y, HH:mm" }}{{ one.endsAt ? " – " + (one.endsAt | date: "MMM d, y, HH:mm") : "" }}</div>
                </td>
                <td data-label="Basket from" class="num">{{ one.minimum ? (one.minimum | money) : "" }}</td>
                <td data-label="Used" class="num">{{ one.uses }}{{ one.maxUses ? " of " + one.maxUses : "" }}</td>
                <td class="word">@if (writes()) { <button mat-button type="button" (click)="end(one)">{{ stageOf(one) === "OVER" ? "Remove…" : "End…" }}<span class="visually-hidden"> {{ one.code }}</span></button> }</td>
              </tr>
            }
          </tbody>
        </table>
        @if (!all.value().length) { <p class="empty">None runs.</p> }
      </section>
    }
  `,
})
export class Promotions {
  private readonly api = inject(Api);
  private readonly actions = inject(Actions);
  private readonly session = inject(Session);
  protected readonly all = httpResource<PromotionView[]>(() => Api.read("/api/promotions"));
  protected readonly writes = computed(() => may(this.session.current(), "catalog:write"));

  protected readonly stageOf = stageOf;

  protected gives(one: PromotionView): string {
    if (one.kind === "percent") return `${one.percent} % off`;
    if (one.kind === "amount") return `${formatMoney(one.amount ?? 0)} off`;
    if (one.kind === "free_shipping") return "Free shipping";
    return `Buy ${one.buyQuantity}, get ${one.getQuantity}`;
  }

  protected async start(): Promise<void> {
    const made = await this.actions.ask({
      title: "New promotion",
      says: ["It holds in every cart that names its code, from its beginning to its end."],
      confirm: "Start it",
      fields: FIELDS,
      run: (values, idempotencyKey) => this.api.post("/api/promotions", { body: promotionOf(values), idempotencyKey }),
      done: (promotion) => `${promotion.code} ${stageOf(promotion) === "PLANNED" ? "is planned" : "runs"}.`,
    });
    if (made) this.all.reload();
  }

  protected async end(one: PromotionView): Promise<void> {
    const over = stageOf(one) === "OVER";
    const done = await this.actions.ask({
      title: over ? `Remove ${one.code}` : `End ${one.code}`,
      says: [over ? "It leaves this list; orders that have the discount keep it." : "Carts lose the discount at once; orders that have it keep it."],
      confirm: over ? "Remove it" : "End it",
      danger: true,
      run: async () => {
        await this.api.delete("/api/promotions/{code}", { path: { code: one.code } });
        return true;
      },
      done: () => (over ? `${one.code} is removed.` : `${one.code} has ended.`),
    });
    if (done) this.all.reload();
  }
}

/** Tell whether a promotion is still to come, holds, or is over. */
export function stageOf({ startsAt, endsAt }: PromotionView, now = Date.now()): "PLANNED" | "ON_NOW" | "OVER" {
  if (Date.parse(startsAt) > now) return "PLANNED";
  return endsAt && Date.parse(endsAt) <= now ? "OVER" : "ON_NOW";
}

/** Return what was filled in as the API takes it. */
export function promotionOf(values: Values): NewPromotion {
  const number = (name: string) => (values[name] ? Number(values[name]) : null);
  const kind = values["kind"] as PromotionKind;
  return {
    code: values["code"] ?? "",
    kind,
    description: values["description"] ?? "",
    percent: kind === "percent" ? number("worth") : null,
    amount: kind === "amount" ? number("worth") : null,
    minimum: number("minimum"),
    ...periodOf(values),
    maxUses: number("maxUses"),
    maxUsesPerCustomer: number("maxUsesPerCustomer"),
  };
}
