import { httpResource } from "@angular/common/http";
import { Component, computed, input } from "@angular/core";
import { Params, RouterLink } from "@angular/router";
import { Api, GetPaths, ProductEntry } from "@kibble/shared";

import { ProductCard } from "../ui/product-card";

const MOST = 8;

/** Some products side by side, on the first page: asked for when somebody has scrolled there, and not there without any. */
@Component({
  selector: "kb-shelf",
  imports: [RouterLink, ProductCard],
  template: `
    @if (products().length > 0) {
      <section class="section" [attr.aria-labelledby]="name()">
        <div class="spread">
          <h2 [id]="name()">{{ heading() }}</h2>
          <a [routerLink]="path()" [queryParams]="params()">{{ all() }}</a>
        </div>
        <div class="shelf" tabindex="0" role="region" [attr.aria-labelledby]="name()">
          @for (one of products(); track one.id) {
            <kb-product-card [product]="one" />
          }
        </div>
      </section>
    }
  `,
})
export class Shelf {
  /** Tells this shelf from others of the page. */
  readonly name = input.required<string>();
  readonly heading = input.required<string>();
  /** Which products. */
  readonly query = input.required<GetPaths["/api/products/search"]["query"]>();
  /** Words of the link to all of them, and where it leads. */
  readonly all = input.required<string>();
  readonly path = input.required<string>();
  readonly params = input<Params>({});
  private readonly loaded = httpResource<readonly ProductEntry[]>(() =>
    Api.read("/api/products/search", { query: { ...this.query(), limit: MOST } }),
  );
  protected readonly products = computed(() =>
    (this.loaded.hasValue() ? this.loaded.value() : []).map((one) => ({ ...one, image: one.images[0] ?? null })),
  );
}
