import { httpResource } from "@angular/common/http";
import { Component, computed, input } from "@angular/core";
import { Api, RecommendationSuggestionView } from "@kibble/shared";

import { onShelf, Shelf } from "../ui/shelf";

/** What others took with it, each with the reason. */
@Component({
  selector: "kb-goes-with",
  imports: [Shelf],
  template: `<kb-shelf name="goes-with" heading="Goes well with it" [products]="items()" />`,
})
export class GoesWith {
  readonly productId = input.required<string>();
  private readonly loaded = httpResource<readonly RecommendationSuggestionView[]>(() =>
    Api.read("/api/recommendations/products/{productId}", { path: { productId: this.productId() }, query: { limit: 8 } }),
  );
  protected readonly items = computed(() => (this.loaded.hasValue() ? this.loaded.value().map(onShelf) : []));
}
