import { DatePipe } from "@angular/common";
import { httpResource } from "@angular/common/http";
import { Component, computed, effect, inject, input, linkedSignal, untracked } from "@angular/core";
import { FormsModule } from "@angular/forms";
import { MatButton } from "@angular/material/button";
import { MatFormField, MatLabel } from "@angular/material/form-field";
import { MatInput } from "@angular/material/input";
import { MatProgressBar } from "@angular/material/progress-bar";
import { MatOption, MatSelect } from "@angular/material/select";
import { Router, RouterLink } from "@angular/router";
import { Api, CustomerView, MoneyPipe, OrderView, Session } from "@kibble/shared";

import { may } from "../core/access";
import { PagedList } from "../core/paged-list";
import { orderNumber, words } from "../core/texts";
import { State } from "../ui/state";
import { Trouble } from "../ui/trouble";

type Query = NonNullable<Parameters<typeof Api.read<"/api/orders">>[1]>["query"];

const STATUSES = ["PENDING", "CONFIRMED", "SHIPPED", "DELIVERED", "CANCELLED", "RETURNED", "REFUNDED"] as const;
const PAYMENTS = ["PENDING", "PROCESSING", "REQUIRES_ACTION", "PAID", "FAILED", "PARTIALLY_REFUNDED", "REFUNDED"] as const;

/** Finds orders; the address of the page holds the search. */
@Component({
  selector: "kba-order-list",
  imports: [DatePipe, FormsModule, MatButton, MatFormField, MatInput, MatLabel, MatOption, MatProgressBar, MatSelect, MoneyPipe, RouterLink, State, Trouble],
  templateUrl: "./order-list.html",
})
export class OrderList {
  readonly q = input<string>();
  readonly status = input<string>();
  readonly paymentStatus = input<string>();
  readonly userId = input<string>();
  readonly since = input<string>();
  readonly before = input<string>();
  readonly amountMin = input<string>();
  readonly amountMax = input<string>();
  protected readonly statuses = STATUSES;
  protected readonly payments = PAYMENTS;
  protected readonly number = orderNumber;
  protected readonly words = words;
  protected readonly text = linkedSignal(() => this.q() ?? "");
  protected readonly from = linkedSignal(() => this.since()?.slice(0, 10) ?? "");
  protected readonly until = linkedSignal(() => this.before()?.slice(0, 10) ?? "");
  protected readonly least = linkedSignal(() => this.amountMin() ?? "");
  protected readonly most = linkedSignal(() => this.amountMax() ?? "");
  private readonly api = inject(Api);
  private readonly router = inject(Router);
  private readonly session = inject(Session);
  protected readonly list = new PagedList<OrderView>((cursor) => this.api.page("/api/orders", { query: { ...this.query(), limit: 50, ...(cursor ? { cursor } : {}) } }));
  protected readonly people = httpResource<CustomerView[]>(() => {
    const q = this.q();
    return q && may(this.session.current(), "customers:read") ? Api.read("/api/customers", { query: { q, limit: 5 } }) : undefined;
  });
  private readonly query = computed(() => {
    const given = {
      q: this.q(),
      status: this.status(),
      paymentStatus: this.paymentStatus(),
      userId: this.userId(),
      since: this.since(),
      before: this.before(),
      amountMin: this.amountMin(),
      amountMax: this.amountMax(),
    };
    return Object.fromEntries(Object.entries(given).filter(([, value]) => value)) as Query;
  });

  constructor() {
    effect(() => {
      this.query();
      untracked(() => void this.list.reload());
    });
  }

  /** Search for what is filled in. */
  protected search(): void {
    this.go({
      q: this.text().trim() || null,
      since: this.from() ? `${this.from()}T00:00:00Z` : null,
      before: this.until() ? `${this.until()}T00:00:00Z` : null,
      amountMin: this.least().trim() || null,
      amountMax: this.most().trim() || null,
    });
  }

  /** Change a part of the search. */
  protected go(change: Record<string, string | null>): void {
    void this.router.navigate(["/orders"], { queryParams: change, queryParamsHandling: "merge" });
  }

  protected who(order: OrderView): string {
    return order.shippingAddress["name"] ?? order.email ?? (order.userId ? "Customer" : "Forgotten person");
  }
}
