import { Component, inject, signal } from "@angular/core";
import { FormsModule } from "@angular/forms";
import { MatButton } from "@angular/material/button";
import { MatError, MatFormField, MatHint, MatLabel } from "@angular/material/form-field";
import { MatInput } from "@angular/material/input";
import { MatOption, MatSelect } from "@angular/material/select";
import { Router } from "@angular/router";
import { Api, Problem, ProductPage } from "@kibble/shared";

import { Unsaved } from "../core/unsaved";
import { Actions } from "../ui/action";
import { NUMBER } from "../ui/number";
import { attributesOf, listOf } from "./fields";
import { componentsOf, optionsOf } from "./assembly";

/** Adds a product: a plain one, one with options and variants, or a bundle. */
@Component({
  selector: "kba-product-new",
  imports: [FormsModule, MatButton, MatError, MatFormField, MatHint, MatInput, MatLabel, MatOption, MatSelect],
  templateUrl: "./product-new.html",
  host: { "(window:beforeunload)": "unsaved() && $event.preventDefault()" },
})
export class ProductNew implements Unsaved {
  protected readonly kind = signal<"simple" | "configurable" | "bundle">("simple");
  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly number = NUMBER;
  protected form = blank();
  private readonly api = inject(Api);
  private readonly actions = inject(Actions);
  private readonly router = inject(Router);
  private readonly key = crypto.randomUUID();

  mayLeave(): boolean | Promise<boolean> {
    return !this.unsaved() || this.actions.leave();
  }

  protected unsaved(): boolean {
    return Object.values(this.form).some(Boolean);
  }

  protected async save(): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      const made = await this.make();
      this.form = blank();
      this.actions.tell(`${made.name} is in the shop.`);
      await this.router.navigate(["/catalogue", made.id]);
    } catch (thrown) {
      this.problem.set(Problem.of(thrown));
    } finally {
      this.busy.set(false);
    }
  }

  private async make(): Promise<ProductPage> {
    const { name, price, category, sku, description, tags, attributes, options, components, percentOff } = this.form;
    const common = { name, category, description, tags: listOf(tags), attributes: attributesOf(attributes), ...(sku ? { sku } : {}) };
    const idempotencyKey = this.key;
    if (this.kind() === "bundle") {
      const worth = percentOff ? { percentOff: Number(percentOff) } : price ? { price: Number(price) } : {};
      const parts = await this.parts(components);
      return this.api.post("/api/products/bundles", { body: { ...common, components: parts, ...worth }, idempotencyKey });
    }
    const body = { ...common, price: Number(price) };
    if (this.kind() === "simple") return this.api.post("/api/products", { body, idempotencyKey });
    return this.api.post("/api/products/configurable", { body: { ...body, options: optionsOf(options) }, idempotencyKey });
  }

  /** Find the products of a bundle's SKUs. */
  private parts(text: string): Promise<{ productId: string; quantity: number }[]> {
    return Promise.all(
      componentsOf(text).map(async ({ sku, quantity }) => {
        const [product] = await this.api.get("/api/products", { query: { sku } });
        if (!product) throw new Problem(400, "unknown-sku", `There is no product with the SKU ${sku}.`);
        return { productId: product.id, quantity };
      }),
    );
  }
}

function blank() {
  return { name: "", price: "", category: "", sku: "", description: "", tags: "", attributes: "", options: "", components: "", percentOff: "" };
}
