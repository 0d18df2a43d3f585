import { httpResource } from "@angular/common/http";
import { Component, computed, input } from "@angular/core";
import { Api, RecommendationSuggestionView } from "@kibble/shared";

import { ProductCard } from "../ui/product-card";

/** What others took with it, each with the reason. */
@Component({
  selector: "kb-goes-with",
  imports: [ProductCard],
  template: `
    @if (items().length > 0) {
      <section class="section" aria-labelledby="goes-with">
        <div class="spread"><h2 id="goes-with">Goes well with it</h2></div>
        <div class="shelf" tabindex="0" role="region" aria-labelledby="goes-with">
          @for (one of items(); track one.id) {
            <kb-product-card [product]="one" />
          }
        </div>
      </section>
    }
  `,
})
export class GoesWith {
  readonly productId = input.required<string>();
  private readonly loaded = httpResource<readonly RecommendationSuggestionView[]>(() =>
    Api.read("/api/recommendations/products/{productId}", { path: { productId: this.productId() }, query: { limit: 8 } }),
  );
  protected readonly items = computed(() =>
    this.loaded.hasValue()
      ? this.loaded.value().map((one) => ({ ...one, id: one.productId, reason: one.reason.text }))
      : [],
  );
}
