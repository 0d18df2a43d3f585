import { httpResource } from "@angular/common/http";
import { Component, computed, effect, inject, input, signal } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { MatFormField, MatLabel } from "@angular/material/form-field";
import { MatOption, MatSelect } from "@angular/material/select";
import { Router, RouterLink } from "@angular/router";
import { Api, PackingView, Problem, SetStage, WarehouseView } from "@kibble/shared";

import { orderNumber } from "../core/texts";
import { Actions } from "../ui/action";
import { changeEach, outcomeOf } from "../ui/bulk";
import { Trouble } from "../ui/trouble";
import { WhenPipe } from "../ui/when";
import { howPacked, STAGES, walk } from "./lists";

const MOST = 50;

/** What a warehouse has to hand to the carriers: to pick, picked, packed. */
@Component({
  selector: "kba-packing",
  imports: [MatButton, MatFormField, MatLabel, MatOption, MatSelect, RouterLink, Trouble, WhenPipe],
  templateUrl: "./packing.html",
  styles: `
    .grid td { vertical-align: middle; overflow-wrap: break-word; }
    .steps { display: flex; flex-wrap: wrap; gap: 0.25rem; justify-content: flex-end; }
    ul { margin: 0; padding-inline-start: 1.1rem; }
    .head { display: flex; flex-wrap: wrap; align-items: center; gap: 0.75rem; }
    .head h2 { margin: 0; }
    @media print { .steps, .tools, button { display: none; } }
  `,
})
export class Packing {
  /** The warehouse of the list; the first one where none is named. */
  readonly warehouse = input<string>();
  private readonly api = inject(Api);
  private readonly router = inject(Router);
  private readonly actions = inject(Actions);
  protected readonly warehouses = httpResource<readonly WarehouseView[]>(() => Api.read("/api/inventory/warehouses"));
  protected readonly chosen = computed(() => this.warehouse() ?? (this.warehouses.hasValue() ? this.warehouses.value()[0]?.id : undefined));
  protected readonly list = httpResource<readonly PackingView[]>(() => {
    const warehouseId = this.chosen();
    return warehouseId ? Api.read("/api/shipping/packing", { query: { warehouseId, limit: MOST } }) : undefined;
  });
  protected readonly problem = computed(() => (this.list.error() ? Problem.of(this.list.error()) : null));
  protected readonly shipments = computed(() => (this.list.hasValue() ? this.list.value() : []));
  protected readonly stages = computed(() =>
    STAGES.map((one) => ({ ...one, shipments: this.shipments().filter((shipment) => shipment.stage === one.stage) })),
  );
  protected readonly walk = computed(() => walk(this.shipments().filter((one) => one.stage === "TO_PICK")));
  private readonly names = signal<ReadonlyMap<string, string>>(new Map());
  protected readonly number = orderNumber;
  protected readonly howPacked = howPacked;
  protected readonly most = MOST;

  constructor() {
    effect(() => void this.name(walk(this.shipments()).map((one) => one.productId)));
  }

  protected go(warehouse: string): void {
    void this.router.navigate(["/packing"], { queryParams: { warehouse } });
  }

  protected nameOf(productId: string): string {
    return this.names().get(productId) ?? "…";
  }

  /** Note a step of one shipment: it can be taken back, so nothing is asked. */
  protected async move(shipment: PackingView, stage: SetStage["stage"]): Promise<void> {
    await this.put(shipment, stage, crypto.randomUUID()).catch((thrown: unknown) => this.actions.tell(Problem.of(thrown).message));
    this.list.reload();
  }

  /** Note a step of all shipments of a stage. */
  protected async moveAll(shipments: readonly PackingView[], stage: SetStage["stage"], does: string): Promise<void> {
    const outcome = await this.actions.ask({
      title: `${does}: all ${shipments.length}`,
      says: ["Each can be taken back by itself."],
      confirm: `All are ${does.toLowerCase()}`,
      run: (_, __, progress) => changeEach(shipments, (one) => orderNumber(one.orderId), (one, key) => this.put(one, stage, key), progress),
      done: (result) => outcomeOf(result, "shipments"),
    });
    if (outcome) this.list.reload();
  }

  protected print(): void {
    globalThis.print();
  }

  private put(shipment: PackingView, stage: SetStage["stage"], idempotencyKey: string): Promise<PackingView> {
    const path = { shipmentId: shipment.shipmentId };
    return this.api.put("/api/shipping/{shipmentId}/packing", { path, body: { stage }, idempotencyKey });
  }

  /** Find the names of products, each once; one that is gone keeps its id. */
  private async name(productIds: readonly string[]): Promise<void> {
    const unknown = productIds.filter((id) => !this.names().has(id));
    if (unknown.length === 0) return;
    const found = await Promise.all(
      unknown.map(async (productId) => {
        const product = await this.api.get("/api/products/{productId}", { path: { productId } }).catch(() => null);
        return [productId, product?.name ?? productId] as const;
      }),
    );
    this.names.update((names) => new Map([...names, ...found]));
  }
}
