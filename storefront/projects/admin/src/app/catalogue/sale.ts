import { DatePipe } from "@angular/common";
import { httpResource } from "@angular/common/http";
import { Component, computed, inject, input, output } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { Api, formatMoney, MoneyPipe, SaleView } from "@kibble/shared";

import { Actions } from "../ui/action";
import { periodFields } from "../ui/period";
import { State } from "../ui/state";
import { saleOf } from "./pricing";

/** A product's sale price: what it will be or is, from when until when. */
@Component({
  selector: "kba-sale",
  imports: [DatePipe, MatButton, MoneyPipe, State],
  template: `
    <section class="panel">
      <h2>Sale price</h2>
      @if (sale(); as sale) {
        <p class="now">
          <kba-state [of]="sale.isOn ? 'ON_NOW' : 'PLANNED'" />
          <strong>{{ sale.price | money }}</strong> <s class="quiet">{{ sale.regularPrice | money }}</s>
        </p>
        <p class="quiet">
          From {{ sale.startsAt | date: "MMM d, y, HH:mm" }}
          @if (sale.endsAt) { until {{ sale.endsAt | date: "MMM d, y, HH:mm" }} } @else { until it is ended }
          @if (sale.lowestPrice !== null) { <br />Lowest price of the 30 days before: {{ sale.lowestPrice | money }} }
        </p>
      } @else if (!loaded.isLoading()) {
        <p class="quiet">None is planned. A lower price can begin and end by itself.</p>
      }
      <div class="actions">
        <button mat-stroked-button type="button" (click)="plan()">{{ sale() ? "Change the sale…" : "Plan a sale…" }}</button>
        @if (sale()) { <button mat-button type="button" (click)="end()">{{ sale()!.isOn ? "End it…" : "Take it back…" }}</button> }
      </div>
    </section>
  `,
  styles: `
    .now { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.5rem; margin-top: 0; }
    .actions { display: flex; flex-wrap: wrap; gap: 0.5rem; }
  `,
})
export class SalePanel {
  readonly productId = input.required<string>();
  readonly regular = input.required<number>();
  readonly changed = output();
  private readonly api = inject(Api);
  private readonly actions = inject(Actions);
  private readonly path = computed(() => ({ path: { productId: this.productId() } }));
  protected readonly loaded = httpResource<SaleView | null>(() => Api.read("/api/products/{productId}/sale", this.path()));
  protected readonly sale = computed(() => (this.loaded.hasValue() ? this.loaded.value() : null));

  protected async plan(): Promise<void> {
    const planned = await this.actions.ask({
      title: "Sale price",
      says: [
        `It costs ${formatMoney(this.regular())} otherwise. The shop shows that struck through while the sale is on.`,
        "The price changes by itself at both times, also in carts; orders keep what they were placed at.",
      ],
      confirm: "Plan it",
      fields: [{ name: "price", label: "Sale price in USD", kind: "number", required: true, value: this.sale()?.price.toFixed(2) ?? "" }, ...periodFields(this.sale())],
      run: (values) => this.api.put("/api/products/{productId}/sale", { ...this.path(), body: saleOf(Number(values["price"]), values) }),
      done: (sale) => (sale.isOn ? "The sale is on." : "The sale is planned."),
    });
    if (planned) this.reload();
  }

  protected async end(): Promise<void> {
    const ended = await this.actions.ask({
      title: this.sale()?.isOn ? "End the sale" : "Take the sale back",
      says: [`The product costs ${formatMoney(this.regular())}, at once.`],
      confirm: this.sale()?.isOn ? "End it" : "Take it back",
      danger: true,
      run: async () => {
        await this.api.delete("/api/products/{productId}/sale", this.path());
        return true;
      },
      done: () => "There is no sale any more.",
    });
    if (ended) this.reload();
  }

  private reload(): void {
    this.loaded.reload();
    this.changed.emit();
  }
}
