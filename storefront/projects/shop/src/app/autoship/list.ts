import { Component, computed, inject, resource } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Api, MoneyPipe, Session, SubscriptionView } from "@kibble/shared";

import { Head } from "../core/head";
import { Empty } from "../ui/empty";
import { called, rhythm, says } from "./words";

/** What comes again and again by itself. */
@Component({
  selector: "kb-autoships",
  imports: [RouterLink, MoneyPipe, Empty],
  template: `
    <h1>Autoship</h1>
    @if (shown().length > 0) {
      <ul class="stack list">
        @for (one of shown(); track one.id) {
          <li class="box stack-2">
            <div class="spread">
              <a class="strong" [routerLink]="['/account/autoship', one.id]">{{ called(one) }}</a>
              <span class="tag" [class.good]="one.status === 'ACTIVE' && one.phase !== 'RETRYING'" [class.none]="one.phase === 'RETRYING'">{{ says(one) }}</span>
            </div>
            @for (item of one.items; track item.id) {
              <p class="small">{{ item.quantity }} × {{ item.name ?? "a product" }}, {{ rhythm(item) }}@if (item.waiting) {: <span class="strong">waits for you</span>}</p>
            }
            @if (one.estimate; as estimate) {
              <p><span class="price">{{ estimate.total | money: one.currency }}</span>@if (estimate.discount > 0) { <span class="tag good">{{ estimate.discount | money: one.currency }} saved</span>}</p>
            }
          </li>
        }
      </ul>
    } @else if (loaded.hasValue()) {
      <kb-empty><h2>Nothing comes by itself yet</h2><p class="quiet">Choose Autoship on a product's page, and the bowl is never empty.</p><a class="button" routerLink="/">Look around</a></kb-empty>
    } @else if (loaded.error()) {
      <p class="note bad" role="alert">Your Autoships did not load. <button class="link" type="button" (click)="loaded.reload()">Try again</button></p>
    } @else {
      <div class="skeleton" [style.height.px]="200" aria-busy="true"></div>
    }
  `,
  styles: `.list { margin-top: 1rem; }`,
})
export class Autoships {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  protected readonly loaded = resource({
    params: () => this.session.customerId() ?? undefined,
    loader: ({ params }) => this.api.get("/api/subscriptions", { query: { userId: params, limit: 50 } }),
  });
  /** Those that go on first. */
  protected readonly shown = computed<readonly SubscriptionView[]>(() => {
    const all = this.loaded.hasValue() ? this.loaded.value() : [];
    const over = (one: SubscriptionView) => Number(one.status !== "ACTIVE" && one.status !== "PAUSED");
    return [...all].sort((one, other) => over(one) - over(other));
  });
  protected readonly called = called;
  protected readonly rhythm = rhythm;
  protected readonly says = says;

  constructor() {
    inject(Head).tell({ title: "Autoship" });
  }
}
