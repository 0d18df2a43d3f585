import { Component, inject, resource } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Api, OrderView, Problem } from "@kibble/shared";

import { Head } from "../core/head";
import { GuestOrders } from "../core/orders";
import { Empty } from "../ui/empty";
import { OrderList } from "./order-list";

/** What a guest has ordered in this browser. */
@Component({
  selector: "kb-guest-orders",
  imports: [RouterLink, Empty, OrderList],
  template: `
    <div class="wide">
      <h1>Your orders</h1>
      @if (loaded.hasValue() && loaded.value().length > 0) {
        <kb-order-list [orders]="loaded.value()" />
        <p class="note section-small">These are the orders of this browser, for 30 days. <a routerLink="/sign-in" [queryParams]="{ return: '/account/orders' }">Sign in</a> for those of your account.</p>
      } @else if (loaded.hasValue()) {
        <kb-empty>
          <h2>No orders in this browser</h2>
          <p class="quiet">Orders of an account show when you sign in; those without one, for 30 days in the browser that they were placed with.</p>
          <a class="button" routerLink="/sign-in" [queryParams]="{ return: '/account/orders' }">Sign in</a>
        </kb-empty>
      } @else if (loaded.error()) {
        <p class="note bad section-small" role="alert">Your orders did not load. <button class="link" type="button" (click)="loaded.reload()">Try again</button></p>
      } @else {
        <div class="skeleton" [style.height.px]="200" aria-busy="true"></div>
      }
    </div>
  `,
})
export class GuestOrdersPage {
  private readonly api = inject(Api);
  private readonly kept = inject(GuestOrders);
  /** Those that can still be read: a token ends after its time. */
  protected readonly loaded = resource({
    loader: async () => {
      const found = this.kept.all().map(([orderId, token]) => this.api.get("/api/orders/{orderId}", { path: { orderId }, token }));
      const settled = await Promise.allSettled<OrderView>(found);
      const away = settled.find((one) => one.status === "rejected" && Problem.of(one.reason).passing);
      if (away) throw away;
      return settled.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    },
  });

  constructor() {
    inject(Head).tell({ title: "Your orders" });
  }
}
