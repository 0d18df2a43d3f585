import { httpResource } from "@angular/common/http";
import { Component, computed, effect, inject, input, linkedSignal, signal, untracked } from "@angular/core";
import { FormsModule } from "@angular/forms";
import { MatButton } from "@angular/material/button";
import { MatCheckbox } from "@angular/material/checkbox";
import { MatFormField, MatLabel } from "@angular/material/form-field";
import { MatInput } from "@angular/material/input";
import { MatProgressBar } from "@angular/material/progress-bar";
import { MatOption, MatSelect } from "@angular/material/select";
import { Router, RouterLink } from "@angular/router";
import { Api, CustomerView, MoneyPipe, OrderView, Problem, Session } from "@kibble/shared";

import { may } from "../core/access";
import { csv, save } from "../core/csv";
import { PagedList } from "../core/paged-list";
import { orderNumber, resendable, words } from "../core/texts";
import { Actions, Field, Values } from "../ui/action";
import { changeEach, Outcome, outcomeOf } from "../ui/bulk";
import { beginningOf, dayOf } from "../ui/period";
import { Picked } from "../ui/picked";
import { State } from "../ui/state";
import { Trouble } from "../ui/trouble";
import { WhenPipe } from "../ui/when";
import { recipient, tableOf } from "./export";

type Query = NonNullable<Parameters<typeof Api.read<"/api/orders">>[1]>["query"];

const STATUSES = ["PENDING", "CONFIRMED", "SHIPPED", "DELIVERED", "CANCELLED", "RETURNED", "REFUNDED"] as const;
const PAYMENTS = ["PENDING", "PROCESSING", "REQUIRES_ACTION", "PAID", "FAILED", "PARTIALLY_REFUNDED", "REFUNDED"] as const;

const MOST_EXPORTED = 5000;

/** Finds orders; the address of the page holds the search. */
@Component({
  selector: "kba-order-list",
  imports: [FormsModule, MatButton, MatCheckbox, MatFormField, MatInput, MatLabel, MatOption, MatProgressBar, MatSelect, MoneyPipe, RouterLink, State, Trouble, WhenPipe],
  templateUrl: "./order-list.html",
  styles: `
    .bulk { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; }
    .pick { width: 2.5rem; }
    ul { margin: 0.5rem 0 0; }
  `,
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
  protected readonly who = recipient;
  protected readonly text = linkedSignal(() => this.q() ?? "");
  protected readonly from = linkedSignal(() => dayOf(this.since()));
  protected readonly until = linkedSignal(() => dayOf(this.before()));
  protected readonly least = linkedSignal(() => this.amountMin() ?? "");
  protected readonly most = linkedSignal(() => this.amountMax() ?? "");
  private readonly api = inject(Api);
  private readonly router = inject(Router);
  private readonly session = inject(Session);
  protected readonly list = new PagedList<OrderView>((cursor) => this.api.page("/api/orders", { query: { ...this.query(), limit: 50, ...(cursor ? { cursor } : {}) } }));
  protected readonly picked = new Picked(this.list.items);
  protected readonly refused = signal<readonly string[]>([]);
  protected readonly exporting = signal(false);
  protected readonly may = (scope: string) => may(this.session.current(), scope);
  private readonly actions = inject(Actions);
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
      untracked(() => {
        this.picked.pickAll(false);
        void this.list.reload();
      });
    });
  }

  /** Search for what is filled in. */
  protected search(): void {
    this.go({
      q: this.text().trim() || null,
      since: beginningOf(this.from()),
      before: beginningOf(this.until()),
      amountMin: this.least().trim() || null,
      amountMax: this.most().trim() || null,
    });
  }

  /** Change a part of the search. */
  protected go(change: Record<string, string | null>): void {
    void this.router.navigate(["/orders"], { queryParams: change, queryParamsHandling: "merge" });
  }

  protected mark(status: "SHIPPED" | "DELIVERED"): Promise<void> {
    const said = status.toLowerCase();
    return this.bulk(
      {
        title: `Mark as ${said}`,
        says: "Carriers tell this by themselves. Set it by hand when the carrier cannot. The customers are told; an order that cannot go there stays as it is.",
        confirm: `Mark as ${said}`,
      },
      (order, _, idempotencyKey) => this.api.patch("/api/orders/{orderId}", { path: { orderId: order.id }, body: { status }, idempotencyKey }),
    );
  }

  protected cancel(): Promise<void> {
    return this.bulk(
      {
        title: "Cancel orders",
        says: "Each ends, its stock comes back, and what was paid is refunded. The customers are told. This cannot be taken back; an order that has left stays as it is.",
        confirm: "Cancel the orders",
        danger: true,
        fields: [{ name: "reason", label: "Reason, as the customers read it", kind: "text", value: "cancelled by the shop", required: true }],
      },
      (order, { reason }, idempotencyKey) =>
        this.api.post("/api/orders/{orderId}/cancel", { path: { orderId: order.id }, body: { reason: reason ?? "" }, idempotencyKey }),
    );
  }

  protected resend(): Promise<void> {
    return this.bulk(
      { title: "Send again", says: "The last e-mail or SMS about each order goes out again.", confirm: "Send again" },
      (order, _, idempotencyKey) => this.resendLast(order.id, idempotencyKey),
    );
  }

  protected exportPicked(): Promise<void> {
    return this.export(() => this.save(this.picked.items()));
  }

  /** Export all that the search finds, as far as `MOST_EXPORTED`. */
  protected exportAll(): Promise<void> {
    return this.export(async () => {
      const found: OrderView[] = [];
      let cursor: string | null | undefined;
      do {
        const page = await this.api.page("/api/orders", { query: { ...this.query(), limit: 100, ...(cursor ? { cursor } : {}) } });
        found.push(...page.items);
        cursor = page.cursor;
      } while (cursor && found.length < MOST_EXPORTED);
      await this.save(found);
      if (cursor) this.actions.tell(`These are the newest ${found.length}; narrow the search for older ones.`);
    });
  }

  private async export(work: () => Promise<void>): Promise<void> {
    this.exporting.set(true);
    try {
      await work();
    } catch (thrown) {
      this.actions.tell(Problem.of(thrown).message);
    } finally {
      this.exporting.set(false);
    }
  }

  private async save(orders: readonly OrderView[]): Promise<void> {
    save("orders.csv", csv(tableOf(orders, await this.emailsOf(orders))));
  }

  /** Return the e-mail addresses of the orders' customers, by their id, for who may read them. */
  private async emailsOf(orders: readonly OrderView[]): Promise<ReadonlyMap<string, string>> {
    const emails = new Map<string, string>();
    if (!this.may("customers:read")) return emails;
    for (const customerId of new Set(orders.flatMap((order) => order.userId ?? []))) {
      const customer = await this.api.get("/api/customers/{customerId}", { path: { customerId } });
      emails.set(customerId, customer.email);
    }
    return emails;
  }

  private async resendLast(orderId: string, idempotencyKey: string): Promise<void> {
    const messages = await this.api.get("/api/notifications/orders/{orderId}", { path: { orderId } });
    const last = messages.filter(resendable).at(-1);
    if (!last) throw new Problem(404, "no-message", "Nothing has been sent about it.");
    await this.api.post("/api/notifications/{notificationId}/resend", { path: { notificationId: last.id }, idempotencyKey });
  }

  private async bulk(
    about: { title: string; says: string; confirm: string; danger?: boolean; fields?: readonly Field[] },
    change: (order: OrderView, values: Values, idempotencyKey: string) => Promise<unknown>,
  ): Promise<void> {
    const orders = this.picked.items();
    this.refused.set([]);
    const outcome = await this.actions.ask<Outcome>({
      ...about,
      says: [`This is for ${orders.length} ${orders.length === 1 ? "order" : "orders"}.`, about.says],
      run: (values, _, progress) => changeEach(orders, (order) => orderNumber(order.id), (order, key) => change(order, values, key), progress),
      done: (result) => outcomeOf(result, "orders"),
    });
    if (!outcome) return;
    this.refused.set(outcome.refused);
    this.picked.pickAll(false);
    await this.list.reload();
  }
}
