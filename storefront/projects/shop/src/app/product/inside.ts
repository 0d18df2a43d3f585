import { Component, computed, inject, input, resource } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Api, ComponentView, MoneyPipe, ProductPage, fromCents, toCents } from "@kibble/shared";

import { slug } from "../core/slug";

/** What is in a bundle, and what it saves. */
@Component({
  selector: "kb-inside",
  imports: [RouterLink, MoneyPipe],
  template: `
    <section class="box stack-2" aria-labelledby="inside">
      <h2 id="inside">In the box</h2>
      <ul class="plain-list small">
        @for (part of parts(); track part.product.id) {
          <li class="spread">
            <a [routerLink]="['/p', part.product.id, slugOf(part.product.name)]">@if (part.quantity > 1) { {{ part.quantity }} × } {{ part.product.name }}</a>
            <span class="figure">{{ part.product.price * part.quantity | money }}</span>
          </li>
        }
      </ul>
      @if (saved() > 0) {
        <p class="note small">One by one that is {{ apart() | money }}: the box saves you <span class="strong">{{ saved() | money }}</span>.</p>
      }
    </section>
  `,
})
export class Inside {
  private readonly api = inject(Api);
  readonly components = input.required<readonly ComponentView[]>();
  readonly price = input.required<number>();
  private readonly loaded = resource({
    params: () => this.components(),
    loader: ({ params }) => Promise.all(params.map(async (part) => ({ quantity: part.quantity, product: await this.read(part) }))),
  });
  protected readonly parts = computed(() => (this.loaded.hasValue() ? this.loaded.value() : []));
  protected readonly apart = computed(() =>
    fromCents(this.parts().reduce((sum, part) => sum + toCents(part.product.price) * part.quantity, 0)),
  );
  protected readonly saved = computed(() => fromCents(toCents(this.apart()) - toCents(this.price())));
  protected readonly slugOf = slug;

  private read(part: ComponentView): Promise<ProductPage> {
    return this.api.get("/api/products/{productId}", { path: { productId: part.productId } });
  }
}
