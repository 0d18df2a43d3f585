import { DatePipe } from "@angular/common";
import { httpResource } from "@angular/common/http";
import { Component, computed, inject, input } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { MatProgressBar } from "@angular/material/progress-bar";
import { Router, RouterLink } from "@angular/router";
import { Api, CustomerView, MoneyPipe, OrderView, Problem, Session } from "@kibble/shared";

import { may } from "../core/access";
import { orderNumber } from "../core/texts";
import { Actions } from "../ui/action";
import { State } from "../ui/state";
import { Trouble } from "../ui/trouble";
import { WhenPipe } from "../ui/when";
import { AutoshipPanel } from "./autoship";

/** One customer: who they are, their orders, and their rights over their data. */
@Component({
  selector: "kba-customer-detail",
  imports: [AutoshipPanel, DatePipe, MatButton, MatProgressBar, MoneyPipe, RouterLink, State, Trouble, WhenPipe],
  templateUrl: "./customer-detail.html",
})
export class CustomerDetail {
  readonly customerId = input.required<string>();
  private readonly api = inject(Api);
  private readonly actions = inject(Actions);
  private readonly router = inject(Router);
  private readonly session = inject(Session);
  protected readonly number = orderNumber;
  private readonly path = computed(() => ({ path: { customerId: this.customerId() } }));
  protected readonly reads = computed(() => may(this.session.current(), "orders:read"));
  protected readonly person = httpResource<CustomerView>(() => Api.read("/api/customers/{customerId}", this.path()));
  protected readonly orders = httpResource<OrderView[]>(() =>
    this.reads() ? Api.read("/api/orders", { query: { userId: this.customerId(), limit: 20 } }) : undefined,
  );
  protected readonly writes = computed(() => may(this.session.current(), "customers:write"));

  protected async download(): Promise<void> {
    await this.actions.ask({
      title: "Export personal data",
      says: ["Everything that the shop knows about this person, from all services, as one JSON file. Hand it to nobody else."],
      confirm: "Export",
      run: () => this.api.get("/api/customers/{customerId}/export", this.path()),
      done: (data) => {
        save(JSON.stringify(data, null, 2), `personal-data-${this.customerId()}.json`);
        return "The file is in your downloads.";
      },
    });
  }

  protected async erase(person: CustomerView): Promise<void> {
    const done = await this.actions.ask({
      title: `Erase ${person.name ?? person.username}`,
      says: [
        "The account, the addresses, the pets, the messages and what was looked at go away, in every service. Orders keep their figures, without the person.",
        "This cannot be taken back.",
      ],
      confirm: "Erase",
      danger: true,
      fields: [{ name: "username", label: `Write ${person.username} to confirm`, kind: "text", required: true }],
      run: async ({ username }) => {
        if (username !== person.username) throw new Problem(400, "not-confirmed", `Write ${person.username} to confirm.`);
        await this.api.delete("/api/customers/{customerId}", this.path());
        return true;
      },
      done: () => "The account is erased; other services follow within seconds.",
    });
    if (done) await this.router.navigate(["/customers"]);
  }
}

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}
