import { HttpClient, httpResource } from "@angular/common/http";
import { Component, computed, effect, inject, input, signal, untracked } from "@angular/core";
import { FormsModule } from "@angular/forms";
import { MatButton } from "@angular/material/button";
import { MatError, MatFormField, MatHint, MatLabel } from "@angular/material/form-field";
import { MatInput } from "@angular/material/input";
import { MatProgressBar } from "@angular/material/progress-bar";
import { Router, RouterLink } from "@angular/router";
import { Api, ChangedProduct, ImageView, MoneyPipe, Problem, ProductPage, Session } from "@kibble/shared";
import { firstValueFrom } from "rxjs";

import { may } from "../core/access";
import { Unsaved } from "../core/unsaved";
import { Actions } from "../ui/action";
import { NUMBER } from "../ui/number";
import { Trouble } from "../ui/trouble";
import { attributesOf, attributesText, keepTyped, listOf, orNull } from "./fields";
import { regularPrice } from "./pricing";
import { SalePanel } from "./sale";

/** One product: its words, price, pictures and variants. */
@Component({
  selector: "kba-product-edit",
  imports: [FormsModule, MatButton, MatError, MatFormField, MatHint, MatInput, MatLabel, MatProgressBar, MoneyPipe, RouterLink, SalePanel, Trouble],
  templateUrl: "./product-edit.html",
  host: { "(window:beforeunload)": "unsaved() && $event.preventDefault()" },
  styles: `
    .pictures { display: flex; flex-wrap: wrap; gap: 0.75rem; margin-bottom: 0.75rem; }
    figure { margin: 0; width: 7rem; text-align: center; }
    img { width: 7rem; height: 7rem; object-fit: contain; background: #fff; border: 1px solid var(--line); border-radius: 0.5rem; }
    .end { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: center; margin-top: 0.5rem; }
  `,
})
export class ProductEdit implements Unsaved {
  readonly productId = input.required<string>();
  private readonly api = inject(Api);
  private readonly http = inject(HttpClient);
  private readonly actions = inject(Actions);
  private readonly router = inject(Router);
  private readonly session = inject(Session);
  private readonly path = computed(() => ({ path: { productId: this.productId() } }));
  protected readonly product = httpResource<ProductPage>(() => Api.read("/api/products/{productId}", this.path()));
  protected readonly stocks = computed(() => may(this.session.current(), "inventory:write"));
  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly regular = regularPrice;
  protected readonly number = NUMBER;
  protected form = formOf(null);
  /** What the form held when it was filled in: what differs from it was typed. */
  private before = formOf(null);
  private shownId = "";

  constructor() {
    effect(() => {
      if (!this.product.hasValue()) return;
      const product = this.product.value();
      const now = formOf(product);
      this.form = this.shownId === product.id ? keepTyped(this.form, this.before, now) : { ...now };
      this.before = now;
      this.shownId = product.id;
    });
  }

  mayLeave(): boolean | Promise<boolean> {
    return !this.unsaved() || this.actions.leave();
  }

  protected unsaved(): boolean {
    return untracked(() => this.product.hasValue() && Object.keys(changes(this.product.value(), this.form)).length > 0);
  }

  /** Save what was changed, and nothing else. */
  protected async save(): Promise<void> {
    if (!this.product.hasValue()) return;
    const old = this.product.value();
    const changed = changes(old, this.form);
    if (Object.keys(changed).length === 0) {
      this.actions.tell("Nothing was changed.");
      return;
    }
    await this.try(async () => {
      await this.api.patch("/api/products/{productId}", { ...this.path(), body: changed });
      this.before = { ...this.form };
    }, "Saved. The shop shows it at once.");
  }

  protected async upload(event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    const file = input.files?.[0];
    if (!file) return;
    const body = new FormData();
    body.append("file", file);
    const url = `/api/products/${this.productId()}/images`;
    await this.try(() => firstValueFrom(this.http.post<ImageView>(url, body)), "The picture is added.");
    input.value = "";
  }

  protected async dropImage(url: string): Promise<void> {
    if (!this.product.hasValue()) return;
    const images = this.product.value().images.filter((each) => each !== url);
    const done = await this.actions.ask({
      title: "Remove the picture",
      says: ["The shop does not show it any more."],
      confirm: "Remove",
      danger: true,
      run: () => this.api.patch("/api/products/{productId}", { ...this.path(), body: { images } }),
      done: () => "The picture is removed.",
    });
    if (done) this.product.reload();
  }

  protected async remove(product: ProductPage): Promise<void> {
    const variants = product.variants?.length ?? 0;
    const done = await this.actions.ask({
      title: `Delete ${product.name}`,
      says: [
        `The product${variants ? ` and its ${variants} variants` : ""} go from the shop, the search and the carts. Orders keep their lines.`,
        "This cannot be taken back.",
      ],
      confirm: "Delete",
      danger: true,
      run: async () => {
        await this.api.delete("/api/products/{productId}", this.path());
        return true;
      },
      done: () => `${product.name} is deleted.`,
    });
    if (!done) return;
    this.form = formOf(product);
    await this.router.navigate(["/catalogue"]);
  }

  private async try(work: () => Promise<unknown>, said: string): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      await work();
      this.actions.tell(said);
      this.product.reload();
    } catch (thrown) {
      this.problem.set(Problem.of(thrown));
    } finally {
      this.busy.set(false);
    }
  }
}

function formOf(product: ProductPage | null) {
  if (!product) return { name: "", price: "", category: "", sku: "", description: "", tags: "", attributes: "" };
  const { name, category, sku, description, tags, attributes } = product;
  return { name, price: regularPrice(product).toFixed(2), category, sku, description, tags: tags.join(", "), attributes: attributesText(attributes) };
}

function changes(old: ProductPage, form: Record<string, string>): ChangedProduct {
  const wanted: ChangedProduct = {
    name: form["name"]!.trim(),
    price: Number(form["price"]),
    category: form["category"]!.trim(),
    sku: form["sku"]!.trim(),
    description: form["description"]!,
    tags: listOf(form["tags"]!),
    attributes: orNull(old.attributes, attributesOf(form["attributes"]!)),
  };
  const before: ChangedProduct = { ...old, price: regularPrice(old), attributes: { ...old.attributes } };
  const keys = Object.keys(wanted) as (keyof ChangedProduct)[];
  return Object.fromEntries(keys.filter((key) => JSON.stringify(wanted[key]) !== JSON.stringify(before[key])).map((key) => [key, wanted[key]]));
}
