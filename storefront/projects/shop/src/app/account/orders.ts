import { Component, computed, inject, resource } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Api, MoneyPipe, OrderView, Session } from "@kibble/shared";

import { Head } from "../core/head";
import { day } from "../core/place";
import { parcelSays, says } from "../order/status";
import { Empty } from "../ui/empty";

/** What was ordered, newest first. */
@Component({
  selector: "kb-orders",
  imports: [RouterLink, MoneyPipe, Empty],
  template: `
    <h1>Orders</h1>
    @if (orders().length > 0) {
      <ul class="stack list">
        @for (order of orders(); track order.id) {
          <li class="box stack-2">
            <div class="spread">
              <a class="strong" [routerLink]="['/orders', order.id]">{{ dayOf(order.createdAt) }}</a>
              <span class="tag" [class.good]="order.paymentStatus === 'PAID'" [class.none]="order.status === 'CANCELLED'">{{ saysOf(order) }}</span>
            </div>
            <p>{{ names(order) }}</p>
            @for (parcel of order.parcels; track parcel.trackingNumber) {
              <p class="small quiet">{{ parcel.carrier }} {{ parcel.trackingNumber }} · {{ parcelSays(parcel) }}</p>
            }
            <p class="price">{{ order.amountDue | money: order.currency }}</p>
          </li>
        }
      </ul>
    } @else if (loaded.hasValue()) {
      <kb-empty><h2>No orders yet</h2><p class="quiet">The first one is the hardest. Dinner is a good start.</p><a class="button" routerLink="/">Look around</a></kb-empty>
    } @else if (loaded.error()) {
      <p class="note bad" role="alert">Your orders did not load. <button class="link" type="button" (click)="loaded.reload()">Try again</button></p>
    } @else {
      <div class="skeleton" [style.height.px]="200" aria-busy="true"></div>
    }
  `,
  styles: `.list { margin-top: 1rem; }`,
})
export class Orders {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  protected readonly loaded = resource({
    params: () => this.session.customerId() ?? undefined,
    loader: ({ params }) => this.api.get("/api/orders", { query: { userId: params, limit: 50 } }),
  });
  protected readonly orders = computed<readonly OrderView[]>(() => (this.loaded.hasValue() ? this.loaded.value() : []));
  protected readonly dayOf = day;
  protected readonly saysOf = says;
  protected readonly parcelSays = parcelSays;

  constructor() {
    inject(Head).tell({ title: "Your orders" });
  }

  protected names(order: OrderView): string {
    return order.items.map((item) => (item.quantity > 1 ? `${item.quantity} × ${item.name}` : item.name)).join(", ");
  }
}
