import { Component, effect, inject, input, linkedSignal, untracked } from "@angular/core";
import { FormsModule } from "@angular/forms";
import { MatButton } from "@angular/material/button";
import { MatFormField, MatLabel } from "@angular/material/form-field";
import { MatInput } from "@angular/material/input";
import { MatProgressBar } from "@angular/material/progress-bar";
import { Router, RouterLink } from "@angular/router";
import { Api, ShortageView } from "@kibble/shared";

import { PagedList } from "../core/paged-list";
import { Trouble } from "../ui/trouble";

/** What runs low, or the stock of what is searched for. */
@Component({
  selector: "kba-stock-list",
  imports: [FormsModule, MatButton, MatFormField, MatInput, MatLabel, MatProgressBar, RouterLink, Trouble],
  template: `
    <div class="page-head"><h1>Inventory</h1></div>
    <form class="panel tools" role="search" (ngSubmit)="search()">
      <mat-form-field class="long"><mat-label>Find a product</mat-label><input matInput type="search" name="q" [(ngModel)]="text" autocomplete="off" /></mat-form-field>
      <mat-form-field><mat-label>Or with fewer units than</mat-label><input matInput inputmode="numeric" name="below" [(ngModel)]="few" /></mat-form-field>
      <button mat-flat-button type="submit">Show</button>
    </form>
    <kba-trouble [of]="list.problem()" (again)="list.reload()" />
    @if (list.loading()) { <mat-progress-bar mode="indeterminate" aria-label="Loading" /> }
    <section class="panel">
      <h2>{{ q() ? "Found" : "Fewer than " + limit() + " units, the scarcest first" }}</h2>
      <table class="grid stacks">
        <thead><tr><th scope="col">Product</th><th scope="col">SKU</th><th scope="col" class="num">To sell</th></tr></thead>
        <tbody>
          @for (product of list.items(); track product.productId) {
            <tr>
              <td><a [routerLink]="['/inventory', product.productId]">{{ product.name }}</a></td>
              <td data-label="SKU" class="mono">{{ product.sku }}</td>
              <td data-label="To sell" class="num" [class.bad]="product.available === 0">{{ product.available }}</td>
            </tr>
          }
        </tbody>
      </table>
      @if (!list.loading() && !list.items().length) { <p class="empty">Nothing.</p> }
      @if (list.cursor()) { <button mat-button type="button" [disabled]="list.loading()" (click)="list.more()">Show more</button> }
    </section>
  `,
})
export class StockList {
  readonly q = input<string>();
  readonly below = input<string>();
  protected readonly text = linkedSignal(() => this.q() ?? "");
  protected readonly limit = linkedSignal(() => Math.max(1, Number(this.below() ?? 10) || 10));
  protected readonly few = linkedSignal(() => String(this.limit()));
  private readonly api = inject(Api);
  private readonly router = inject(Router);
  protected readonly list = new PagedList<ShortageView>(async (cursor) => {
    const paging = { limit: 50, ...(cursor ? { cursor } : {}) };
    const q = this.q();
    if (!q) return this.api.page("/api/products/low-stock", { query: { below: this.limit(), ...paging } });
    const found = await this.api.page("/api/products/search", { query: { q, ...paging } });
    return { cursor: found.cursor, items: found.items.map(({ id, sku, name, stock }) => ({ productId: id, sku, name, available: stock })) };
  });

  constructor() {
    effect(() => {
      this.q();
      this.below();
      untracked(() => void this.list.reload());
    });
  }

  protected search(): void {
    void this.router.navigate(["/inventory"], { queryParams: { q: this.text().trim() || null, below: this.few() } });
  }
}
