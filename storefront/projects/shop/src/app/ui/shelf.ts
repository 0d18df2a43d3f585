import { Component, input } from "@angular/core";
import { Params, RouterLink } from "@angular/router";
import { RecommendationSuggestionView } from "@kibble/shared";

import { growing } from "../core/growing";
import { ProductCard, Shown } from "./product-card";

/** Return what a card shows of a product that is recommended. */
export function onShelf(suggested: RecommendationSuggestionView): Shown {
  const { productId: id, name, price, image, regularPrice } = suggested;
  return { id, name, price, image, sale: regularPrice ? { regularPrice } : null, reason: suggested.reason.text };
}

/** The cards of a shelf, drawn one at a time. */
@Component({
  selector: "kb-shelf-cards",
  imports: [ProductCard],
  template: `
    <div class="shelf" tabindex="0" role="group" [attr.aria-labelledby]="name()">
      @for (one of drawn(); track one.id) {
        <kb-product-card [product]="one" />
      }
    </div>
  `,
})
export class ShelfCards {
  readonly name = input.required<string>();
  readonly products = input.required<readonly Shown[]>();
  protected readonly drawn = growing(this.products, 1);
}

/** Some products side by side under a heading, drawn when somebody has scrolled there; not there without any. */
@Component({
  selector: "kb-shelf",
  imports: [RouterLink, ShelfCards],
  template: `
    @if (products().length > 0) {
      <section class="section" [attr.aria-labelledby]="name()">
        <div class="spread">
          <h2 [id]="name()">{{ heading() }}</h2>
          @if (all(); as all) {
            <a [routerLink]="all.path" [queryParams]="all.params">{{ all.words }}</a>
          }
        </div>
        @defer (on viewport) {
          <kb-shelf-cards [name]="name()" [products]="products()" />
        } @placeholder {
          <div class="shelf"></div>
        }
      </section>
    }
  `,
})
export class Shelf {
  /** Tells this shelf from others of the page. */
  readonly name = input.required<string>();
  readonly heading = input.required<string>();
  readonly products = input.required<readonly Shown[]>();
  /** The link to all of them. */
  readonly all = input<{ readonly words: string; readonly path: string; readonly params?: Params }>();
}
