import { NgOptimizedImage } from "@angular/common";
import { Component, computed, inject, input } from "@angular/core";
import { RouterLink } from "@angular/router";
import { LeastPrice, ProductEntry, SaleShown } from "@kibble/shared";

import { CartStore } from "../cart/cart.store";
import { slug } from "../core/slug";
import { Price } from "./price";
import { Stars } from "./stars";

/** What a card needs to know of a product. */
export interface Shown {
  readonly id: string;
  readonly name: string;
  readonly price: number;
  readonly image: string | null;
  readonly stock?: number;
  readonly kind?: string;
  readonly rating?: number;
  readonly reviewCount?: number;
  readonly sale?: Pick<SaleShown, "regularPrice"> | null;
  /** The cheapest of its variants, where there are any. */
  readonly from?: LeastPrice | null;
  /** Why it is here, in a few words. */
  readonly reason?: string;
}

/** Return what a card shows of a product that was found. */
export function onCard(found: ProductEntry): Shown {
  return { ...found, image: found.images[0] ?? null };
}

/** A product in a list. */
@Component({
  selector: "kb-product-card",
  imports: [NgOptimizedImage, RouterLink, Price, Stars],
  template: `
    <article class="card">
      <div class="picture">
        @if (product().image; as image) {
          <img
            [ngSrc]="image"
            fill
            alt=""
            sizes="(max-width: 480px) 45vw, 240px"
            ngSrcset="200w, 400w, 800w"
            [priority]="first()"
          />
        }
      </div>
      <div class="words">
        <a [routerLink]="['/p', product().id, path()]">{{ product().name }}</a>
        @if (product().reason; as reason) {
          <span class="small quiet">{{ reason }}</span>
        } @else {
          <kb-stars [rating]="product().rating ?? 0" [count]="product().reviewCount ?? 0" />
        }
        <div class="foot">
          <span class="price">
            @if (product().from) {
              <span class="small quiet">from&ngsp;</span>
            }
            <kb-price [amount]="priced().price" [usual]="priced().sale?.regularPrice" />
          </span>
          @if (product().stock === 0) {
            <span class="small quiet">Sold out</span>
          } @else if (product().kind && product().kind !== "configurable") {
            <button class="button plain add" type="button" [attr.aria-label]="'Add ' + product().name + ' to the cart'" (click)="add()">
              Add
            </button>
          }
        </div>
      </div>
    </article>
  `,
})
export class ProductCard {
  private readonly cart = inject(CartStore);
  readonly product = input.required<Shown>();
  /** Whether it shows at once, above the fold. */
  readonly first = input(false);
  /** What its price is of. */
  protected readonly priced = computed(() => this.product().from ?? this.product());
  protected readonly path = computed(() => slug(this.product().name));

  protected add(): void {
    this.cart.add(this.product(), 1);
  }
}
