import { Component, input } from "@angular/core";
import { RouterLink } from "@angular/router";
import { MoneyPipe, orderNumber, OrderView } from "@kibble/shared";

import { day } from "../core/place";
import { parcelSays, says } from "./status";

/** Some orders, each with what is in it, where it is and what it came to. */
@Component({
  selector: "kb-order-list",
  imports: [RouterLink, MoneyPipe],
  template: `
    <ul class="stack">
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
          <p class="spread"><span class="price">{{ order.amountDue | money: order.currency }}</span><span class="small quiet">{{ numberOf(order.id) }}</span></p>
        </li>
      }
    </ul>
  `,
  styles: `:host { display: block; margin-top: 1rem; }`,
})
export class OrderList {
  readonly orders = input.required<readonly OrderView[]>();
  protected readonly dayOf = day;
  protected readonly saysOf = says;
  protected readonly parcelSays = parcelSays;
  protected readonly numberOf = orderNumber;

  protected names(order: OrderView): string {
    return order.items.map((item) => (item.quantity > 1 ? `${item.quantity} × ${item.name}` : item.name)).join(", ");
  }
}
