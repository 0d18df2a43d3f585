import { httpResource } from "@angular/common/http";
import { Component, computed, inject, signal } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { MatButtonToggle, MatButtonToggleGroup } from "@angular/material/button-toggle";
import { MatProgressBar } from "@angular/material/progress-bar";
import { RouterLink } from "@angular/router";
import { Api, formatMoney, LagsView, MoneyPipe, ParkedView, SalesView, Session, ShortageView, SlotView } from "@kibble/shared";

import { may } from "../core/access";
import { duration } from "../core/texts";
import { Bar, BarChart } from "../ui/bar-chart";
import { Trouble } from "../ui/trouble";
import { WhenPipe } from "../ui/when";

const PERIODS = [
  { days: 1, label: "24 hours" },
  { days: 7, label: "7 days" },
  { days: 30, label: "30 days" },
] as const;

/** How the shop is doing: what was sold, what waits for somebody, and whether events flow. */
@Component({
  selector: "kba-dashboard",
  imports: [BarChart, MatButton, MatButtonToggle, MatButtonToggleGroup, MatProgressBar, MoneyPipe, RouterLink, Trouble, WhenPipe],
  templateUrl: "./dashboard.html",
  styleUrl: "./dashboard.scss",
})
export class Dashboard {
  protected readonly periods = PERIODS;
  protected readonly days = signal(1);
  private readonly session = inject(Session);
  private readonly now = signal(new Date());
  protected readonly sales = httpResource<SalesView>(() => {
    const since = new Date(this.now().getTime() - this.days() * 86_400_000);
    return Api.read("/api/orders/sales", { query: { since: since.toISOString(), before: this.now().toISOString() } });
  });
  protected readonly low = httpResource<ShortageView[]>(() =>
    may(this.session.current(), "inventory:write") ? Api.read("/api/products/low-stock", { query: { below: 10, limit: 6 } }) : undefined,
  );
  protected readonly lag = httpResource<LagsView>(() => (this.operates() && this.now() ? Api.read("/api/events/lag") : undefined));
  protected readonly parked = httpResource<ParkedView[]>(() => (this.operates() && this.now() ? Api.read("/api/events/parked") : undefined));
  protected readonly operates = computed(() => may(this.session.current(), "events:admin"));
  protected readonly dead = computed(() => (this.parked.hasValue() ? this.parked.value().filter((event) => event.status === "dead").length : 0));
  protected readonly slowest = computed(() => (this.lag.hasValue() ? (this.lag.value().feeds.find((feed) => feed.seconds >= 1) ?? null) : null));
  /** Whether the charts have a bar a day: the server's days, which are those of UTC. */
  protected readonly daily = computed(() => this.sales.hasValue() && this.sales.value().stepSeconds >= 86_400);
  protected readonly orders = this.bars((slot) => slot.orders, (value) => (value === 1 ? "1 order" : `${value} orders`));
  protected readonly revenue = this.bars((slot) => slot.revenue, (value) => formatMoney(value, this.sales.value()?.currency));
  protected readonly failed = this.bars((slot) => slot.paymentsFailed, (value) => `${value} failed`);
  protected readonly funnel = computed(() => {
    if (!this.sales.hasValue()) return [];
    const { total, shipped, delivered } = this.sales.value();
    const share = (orders: number) => (total.orders ? Math.round((orders / total.orders) * 100) : 0);
    return [
      { label: "Placed", orders: total.orders, share: share(total.orders) },
      { label: "Paid", orders: total.paid, share: share(total.paid) },
      { label: "Shipped", orders: shipped, share: share(shipped) },
      { label: "Delivered", orders: delivered, share: share(delivered) },
    ];
  });
  /** Before this, a paid order that has not left has waited too long (as the server counts). */
  protected readonly overdueBefore = computed(() => new Date(this.now().getTime() - 2 * 86_400_000).toISOString());
  protected readonly duration = duration;

  protected refresh(): void {
    this.now.set(new Date());
    this.low.reload();
  }

  private bars(value: (slot: SlotView) => number, said: (value: number) => string) {
    return computed<Bar[]>(() => {
      if (!this.sales.hasValue()) return [];
      const format = new Intl.DateTimeFormat("en-US", this.daily() ? { month: "short", day: "numeric", timeZone: "UTC" } : { weekday: "short", hour: "numeric", minute: "2-digit" });
      return this.sales.value().slots.map((slot) => ({ label: format.format(new Date(slot.start)), value: value(slot), said: said(value(slot)) }));
    });
  }
}
