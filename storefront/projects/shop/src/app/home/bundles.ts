import { httpResource } from "@angular/common/http";
import { Component, computed } from "@angular/core";
import { Api, ProductEntry } from "@kibble/shared";

import { onCard } from "../ui/product-card";
import { Shelf } from "../ui/shelf";

/** Some bundles, on the first page: asked for when somebody has scrolled there. */
@Component({
  selector: "kb-bundles",
  imports: [Shelf],
  template: `
    @if (loaded.isLoading()) {
      <div class="section shelf"></div>
    }
    <kb-shelf name="bundles" heading="Cheaper together" [products]="products()" [all]="all" />
  `,
})
export class Bundles {
  protected readonly loaded = httpResource<readonly ProductEntry[]>(() =>
    Api.read("/api/products/search", { query: { category: "Bundles", limit: 8 } }),
  );
  protected readonly products = computed(() => (this.loaded.hasValue() ? this.loaded.value().map(onCard) : []));
  protected readonly all = { words: "All bundles", path: "/c/bundles" };
}
