import { httpResource } from "@angular/common/http";
import { Component, computed } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Api, ProductEntry } from "@kibble/shared";

import { ProductCard } from "../ui/product-card";

/** Bundles, on the first page: asked for when somebody has scrolled there. */
@Component({
  selector: "kb-together",
  imports: [RouterLink, ProductCard],
  template: `
    @if (bundles().length > 0) {
      <section class="section" aria-labelledby="bundles">
        <div class="spread">
          <h2 id="bundles">Cheaper together</h2>
          <a routerLink="/c/bundles">All bundles</a>
        </div>
        <div class="shelf" tabindex="0" role="region" aria-labelledby="bundles">
          @for (one of bundles(); track one.id) {
            <kb-product-card [product]="one" />
          }
        </div>
      </section>
    }
  `,
})
export class Together {
  private readonly loaded = httpResource<readonly ProductEntry[]>(() =>
    Api.read("/api/products/search", { query: { category: "Bundles", limit: 8 } }),
  );
  protected readonly bundles = computed(() =>
    (this.loaded.hasValue() ? this.loaded.value() : []).map((one) => ({ ...one, image: one.images[0] ?? null })),
  );
}
