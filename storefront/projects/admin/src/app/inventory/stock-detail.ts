import { httpResource } from "@angular/common/http";
import { Component, computed, effect, inject, input, untracked } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { MatProgressBar } from "@angular/material/progress-bar";
import { RouterLink } from "@angular/router";
import { Api, MovementView, ProductPage, Session, StockView, WarehouseView } from "@kibble/shared";

import { may } from "../core/access";
import { PagedList } from "../core/paged-list";
import { orderNumber, reasonOf } from "../core/texts";
import { Actions, Field } from "../ui/action";
import { Trouble } from "../ui/trouble";
import { WhenPipe } from "../ui/when";

/** The stock of a product: levels by warehouse, why they changed, and how to change them. */
@Component({
  selector: "kba-stock-detail",
  imports: [MatButton, MatProgressBar, RouterLink, Trouble, WhenPipe],
  templateUrl: "./stock-detail.html",
})
export class StockDetail {
  readonly productId = input.required<string>();
  private readonly api = inject(Api);
  private readonly actions = inject(Actions);
  private readonly session = inject(Session);
  private readonly path = computed(() => ({ path: { productId: this.productId() } }));
  protected readonly product = httpResource<ProductPage>(() => Api.read("/api/products/{productId}", this.path()));
  protected readonly stock = httpResource<StockView>(() => Api.read("/api/inventory/{productId}", this.path()));
  protected readonly warehouses = httpResource<WarehouseView[]>(() => Api.read("/api/inventory/warehouses"));
  protected readonly movements = new PagedList<MovementView>((cursor) =>
    this.api.page("/api/inventory/{productId}/movements", { ...this.path(), query: { limit: 25, ...(cursor ? { cursor } : {}) } }),
  );
  protected readonly edits = computed(() => may(this.session.current(), "catalog:write"));
  protected readonly reasonOf = reasonOf;
  protected readonly number = orderNumber;

  constructor() {
    effect(() => {
      this.productId();
      untracked(() => void this.movements.reload());
    });
  }

  protected nameOf(warehouseId: string): string {
    const found = this.warehouses.hasValue() ? this.warehouses.value().find((each) => each.id === warehouseId) : undefined;
    return found ? `${found.name} (${found.code})` : warehouseId;
  }

  protected async adjust(): Promise<void> {
    const done = await this.actions.ask({
      title: "Adjust the stock",
      says: ["The level changes by so many units, and the reason is kept with it. The shop shows the new stock at once. Reserved units cannot be taken away."],
      confirm: "Adjust",
      fields: [
        this.warehouse(),
        { name: "delta", label: "Units, with a minus sign to take away", kind: "whole", required: true },
        { name: "reason", label: "Reason", kind: "text", required: true, hint: "for example: damaged, found, counted" },
      ],
      run: ({ warehouseId, delta, reason }, idempotencyKey) =>
        this.api.post("/api/inventory/{productId}/adjustments", { ...this.path(), body: { warehouseId: warehouseId ?? "", delta: Number(delta), reason: reason ?? "" }, idempotencyKey }),
      done: (stock) => `${stock.onHand} units are on hand, ${stock.available} of them to sell.`,
    });
    if (done) this.refresh();
  }

  protected async count(): Promise<void> {
    const done = await this.actions.ask({
      title: "Set a counted level",
      says: ["Say how many units lie in the warehouse, the reserved ones too."],
      confirm: "Set the level",
      fields: [this.warehouse(), { name: "level", label: "Units on hand", kind: "whole", pointers: ["stockLevel"], required: true }],
      run: ({ warehouseId, level }) =>
        this.api.put("/api/inventory/{productId}", { ...this.path(), body: { warehouseId: warehouseId ?? "", stockLevel: Number(level) } }),
      done: (set) => `${set.stockLevel} units are on hand in ${this.nameOf(set.warehouseId)}.`,
    });
    if (done) this.refresh();
  }

  protected refresh(): void {
    this.stock.reload();
    void this.movements.reload();
  }

  private warehouse(): Field {
    const all = this.warehouses.hasValue() ? this.warehouses.value() : [];
    const options = all.map(({ id, name, code }) => ({ value: id, label: `${name} (${code})` }));
    return { name: "warehouseId", label: "Warehouse", kind: "choice", options, value: options[0]?.value ?? "", required: true };
  }
}
