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
import { Api, CategoryView, ChangedProduct, MoneyPipe, Paged, ProductEntry, SaleView } from "@kibble/shared";

import { PagedList } from "../core/paged-list";
import { Actions, Field, Values } from "../ui/action";
import { changeEach, Outcome, outcomeOf } from "../ui/bulk";
import { periodFields } from "../ui/period";
import { Picked } from "../ui/picked";
import { State } from "../ui/state";
import { Trouble } from "../ui/trouble";
import { WhenPipe } from "../ui/when";
import { flatten, foretold, refuseFree, regularPrice, repriced, saleOf } from "./pricing";

interface Bulk {
  readonly title: string;
  readonly says: string;
  readonly fields: readonly Field[];
  readonly percent?: (values: Values) => number;
  readonly priced?: (product: ProductEntry) => boolean;
}

type Change = (product: ProductEntry, values: Values, idempotencyKey: string) => Promise<unknown>;

/** The catalogue: finds products, and changes many at once. */
@Component({
  selector: "kba-product-list",
  imports: [FormsModule, MatButton, MatCheckbox, MatFormField, MatInput, MatLabel, MatOption, MatProgressBar, MatSelect, MoneyPipe, RouterLink, State, Trouble, WhenPipe],
  templateUrl: "./product-list.html",
  styles: `
    .thumb { width: 2rem; height: 2rem; object-fit: contain; background: #fff; border-radius: 0.25rem; vertical-align: middle; margin-inline-end: 0.5rem; }
    .bulk { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; }
    .pick { width: 2.5rem; }
    ul { margin: 0.5rem 0 0; }
  `,
})
export class ProductList {
  readonly q = input<string>();
  readonly category = input<string>();
  readonly onSale = input<string>();
  protected readonly text = linkedSignal(() => this.q() ?? "");
  protected readonly refused = signal<readonly string[]>([]);
  private readonly api = inject(Api);
  private readonly router = inject(Router);
  private readonly actions = inject(Actions);
  protected readonly categories = httpResource<CategoryView[]>(() => Api.read("/api/categories"));
  protected readonly names = computed(() => (this.categories.hasValue() ? flatten(this.categories.value()) : []));
  private readonly plans = httpResource<SaleView[]>(() => Api.read("/api/products/sales"));
  protected readonly planned = computed(() => new Map((this.plans.hasValue() ? this.plans.value() : []).map((sale) => [sale.productId, sale])));
  protected readonly list = new PagedList<ProductEntry>(async (cursor) => {
    const sku = cursor ? undefined : this.q();
    const [exact, page] = await Promise.all([sku ? this.api.get("/api/products", { query: { sku } }) : [], this.page(cursor)]);
    const first = exact.filter((product) => !this.onSale() || product.sale);
    return { cursor: page.cursor, items: [...first, ...page.items.filter((product) => first.every((each) => each.id !== product.id))] };
  });
  protected readonly picked = new Picked(this.list.items);

  constructor() {
    effect(() => {
      this.q();
      this.category();
      this.onSale();
      untracked(() => {
        this.picked.pickAll(false);
        void this.list.reload();
      });
    });
  }

  /** Read a page of what is searched for, or of everything. */
  private page(cursor?: string): Promise<Paged<readonly ProductEntry[]>> {
    const paging = { limit: 50, ...(cursor ? { cursor } : {}) };
    const q = this.q();
    const category = this.category();
    const onSale = this.onSale() ? { onSale: true } : {};
    return q || category || this.onSale()
      ? this.api.page("/api/products/search", { query: { ...(q ? { q } : {}), ...(category ? { category } : {}), ...onSale, ...paging } })
      : this.api.page("/api/products", { query: paging });
  }

  protected go(change: Record<string, string | null>): void {
    void this.router.navigate(["/catalogue"], { queryParams: change, queryParamsHandling: "merge" });
  }

  protected reprice(): Promise<void> {
    return this.bulk(
      {
        title: "Change prices",
        says: "Each price is changed by the per cent and rounded to cents. A minus sign lowers it. The shop shows the new prices at once; carts and open checkouts are told.",
        fields: [{ name: "percent", label: "Change in per cent", kind: "number", required: true, hint: "for example 5 or -10" }],
        percent: ({ percent }) => Number(percent),
      },
      this.patched((product, { percent }) => ({ price: repriced(regularPrice(product), Number(percent)) })),
    );
  }

  protected move(): Promise<void> {
    return this.bulk(
      { title: "Move to a category", says: "A category that is new is made.", fields: [{ name: "category", label: "Category", kind: "text", required: true }] },
      this.patched((_, { category }) => ({ category: category ?? "" })),
    );
  }

  protected tag(): Promise<void> {
    return this.bulk(
      { title: "Add a tag", says: "Products that have it keep it once.", fields: [{ name: "tag", label: "Tag", kind: "text", required: true }] },
      this.patched((product, { tag }) => ({ tags: [...new Set([...product.tags, (tag ?? "").trim()])] })),
    );
  }

  protected putOnSale(): Promise<void> {
    const percent = (values: Values) => -Math.abs(Number(values["percent"]));
    return this.bulk(
      {
        title: "Put on sale",
        says: "Each costs so many per cent less than its regular price while the sale is on, and goes back by itself. A sale that one has already is replaced; products with variants are left out.",
        fields: [{ name: "percent", label: "Per cent off", kind: "number", required: true, hint: "for example 15" }, ...periodFields(null)],
        percent,
        priced: (product) => product.kind !== "configurable",
      },
      (product, values, idempotencyKey) =>
        this.api.put("/api/products/{productId}/sale", {
          path: { productId: product.id },
          body: saleOf(repriced(regularPrice(product), percent(values)), values),
          idempotencyKey,
        }),
    );
  }

  private patched(changed: (product: ProductEntry, values: Values) => ChangedProduct): Change {
    return (product, values, idempotencyKey) =>
      this.api.patch("/api/products/{productId}", { path: { productId: product.id }, body: changed(product, values), idempotencyKey });
  }

  /** Ask, and change what is selected; where prices change by a `percent`, those that are `priced` so are shown first. */
  private async bulk({ title, says, fields, percent, priced = () => true }: Bulk, change: Change): Promise<void> {
    const products = this.picked.items();
    const changing = products.filter(priced);
    this.refused.set([]);
    const outcome = await this.actions.ask<Outcome>({
      title,
      says: percent ? [says] : [`${products.length} products will change.`, says],
      confirm: `Change ${products.length} products`,
      fields,
      ...(percent ? { foretold: (values) => foretold(changing, percent(values)) } : {}),
      run: async (values, _, progress) => {
        if (percent) refuseFree(changing, percent(values), "percent");
        return changeEach(products, (product) => product.name, (product, key) => change(product, values, key), progress);
      },
      done: (result) => outcomeOf(result, "products"),
    });
    if (!outcome) return;
    this.refused.set(outcome.refused);
    this.picked.pickAll(false);
    this.plans.reload();
    await this.list.reload();
  }
}
