import { Component, computed, inject, resource } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Api, OrderView, Session } from "@kibble/shared";

import { Head } from "../core/head";
import { OrderList } from "../order/order-list";
import { Empty } from "../ui/empty";

/** What was ordered, newest first. */
@Component({
  selector: "kb-orders",
  imports: [RouterLink, Empty, OrderList],
  template: `
    <h1>Orders</h1>
    @if (orders().length > 0) {
      <kb-order-list [orders]="orders()" />
    } @else if (loaded.hasValue()) {
      <kb-empty><h2>No orders yet</h2><p class="quiet">The first one is the hardest. Dinner is a good start.</p><a class="button" routerLink="/">Look around</a></kb-empty>
    } @else if (loaded.error()) {
      <p class="note bad" role="alert">Your orders did not load. <button class="link" type="button" (click)="loaded.reload()">Try again</button></p>
    } @else {
      <div class="skeleton" [style.height.px]="200" aria-busy="true"></div>
    }
  `,
})
export class Orders {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  protected readonly loaded = resource({
    params: () => this.session.customerId() ?? undefined,
    loader: ({ params }) => this.api.get("/api/orders", { query: { userId: params, limit: 50 } }),
  });
  protected readonly orders = computed<readonly OrderView[]>(() => (this.loaded.hasValue() ? this.loaded.value() : []));

  constructor() {
    inject(Head).tell({ title: "Your orders" });
  }
}
