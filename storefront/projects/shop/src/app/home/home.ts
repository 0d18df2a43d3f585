import { NgOptimizedImage } from "@angular/common";
import { httpResource } from "@angular/common/http";
import { Component, computed, inject } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Api, ProductEntry, RecommendationSuggestionView, Session } from "@kibble/shared";

import { Catalogue } from "../core/catalogue";
import { growing, steps } from "../core/growing";
import { Head } from "../core/head";
import { slug } from "../core/slug";
import { ProductCard } from "../ui/product-card";
import { Shelf } from "./shelf";

/** The first page of the shop. */
@Component({
  selector: "kb-home",
  imports: [NgOptimizedImage, RouterLink, ProductCard, Shelf],
  template: `
    <div class="wide">
      <section class="hero">
        <div>
          <h1><span>Good food.</span>&ngsp;<span>Happy animals.</span>&ngsp;<span>Not one word more.</span></h1>
          <p>Everything they eat, chew and sleep on, at your door in a few days.</p>
          <div class="row">
            <a class="button big" routerLink="/c/dog">For dogs</a>
            <a class="button big plain" routerLink="/c/cat">For cats</a>
          </div>
        </div>
        <div class="pictures">
          @for (one of faces(); track one.id) {
            <a [routerLink]="['/p', one.id, path(one.name)]" [attr.aria-label]="one.name">
              <img [ngSrc]="one.images[0]!" width="200" height="200" sizes="(max-width: 864px) 30vw, 180px" ngSrcset="200w, 400w" priority alt="" />
            </a>
          }
        </div>
      </section>

      @if (step() > 0) {
        <section class="section" aria-labelledby="aisles">
          <div class="spread"><h2 id="aisles">Who is it for?</h2></div>
          <div class="tiles">
            @for (aisle of catalogue.top(); track aisle.id) {
              <a class="tile" [routerLink]="['/c', path(aisle.name)]">
                <span class="strong">{{ aisle.name }}</span>
                <span class="small quiet">{{ aisle.productCount }} products</span>
              </a>
            }
          </div>
        </section>
      }

      @if (step() > 1) {
        @if (forYou().length > 0) {
          <section class="section" aria-labelledby="for-you">
            <div class="spread"><h2 id="for-you">For you</h2></div>
            <div class="shelf" tabindex="0" role="region" aria-labelledby="for-you">
              @for (one of forYou(); track one.productId) {
                <kb-product-card [product]="suggested(one)" />
              }
            </div>
          </section>
        }

        @defer (on viewport) {
          <kb-shelf name="reduced" heading="On sale" all="All that is on sale" path="/search" [params]="reduced" [query]="bargains" />
        } @placeholder {
          <div class="section" [style.min-height.px]="380"></div>
        }

        <section class="section" aria-labelledby="loved">
          <div class="spread">
            <h2 id="loved">Well liked</h2>
            <a routerLink="/search" [queryParams]="{ sort: 'rating' }">Best rated products</a>
          </div>
          <div class="products">
            @for (one of drawn(); track one.id) {
              <kb-product-card [product]="entry(one)" />
            } @empty {
              @for (gap of [1, 2, 3, 4]; track gap) {
                <div class="skeleton" [style.aspect-ratio]="0.68"></div>
              }
            }
          </div>
        </section>
      }

      @defer (on viewport) {
        <kb-shelf name="bundles" heading="Cheaper together" all="All bundles" path="/c/bundles" [query]="bundles" />
      } @placeholder {
        <div class="section" [style.min-height.px]="380"></div>
      }

      <section class="section promises" aria-label="What we promise">
        <div class="box"><h3>The price you see</h3><p class="small quiet">Shipping and tax show in the cart, before you give us anything.</p></div>
        <div class="box"><h3>There when we say so</h3><p class="small quiet">Every way of shipping has a date, and you can watch the parcel move.</p></div>
        <div class="box"><h3>No account needed</h3><p class="small quiet">Order as a guest. Open an account when you want to order again in two taps.</p></div>
      </section>
    </div>
  `,
})
export class Home {
  protected readonly catalogue = inject(Catalogue);
  private readonly session = inject(Session);
  private readonly best = httpResource<readonly ProductEntry[]>(() =>
    Api.read("/api/products/search", { query: { q: "food", inStock: true, sort: "rating", limit: 13 } }),
  );
  private readonly suggestions = httpResource<readonly RecommendationSuggestionView[]>(() => {
    const customerId = this.session.customerId();
    if (!customerId) return undefined;
    return Api.read("/api/recommendations/customers/{customerId}", { path: { customerId }, query: { limit: 8 } });
  });
  protected readonly faces = computed(() => this.all().slice(0, 3));
  protected readonly liked = computed(() => this.all().slice(3));
  /** How far the page is drawn: what greets, the aisles, the products. */
  protected readonly step = steps(2, () => true);
  protected readonly drawn = growing(this.liked, 3);
  protected readonly forYou = computed(() => (this.suggestions.hasValue() ? this.suggestions.value() : []));
  protected readonly path = slug;
  protected readonly bundles = { category: "Bundles" };
  protected readonly reduced = { onSale: true };
  protected readonly bargains = { onSale: true, inStock: true, sort: "popularity" } as const;

  constructor() {
    inject(Head).tell({ title: "Kibble", canonical: "/", description: "Food, toys and everything else for dogs, cats and their friends, at your door in a few days." });
  }

  protected entry(one: ProductEntry) {
    return { ...one, image: one.images[0] ?? null };
  }

  protected suggested(one: RecommendationSuggestionView) {
    return { id: one.productId, name: one.name, price: one.price, image: one.image, reason: one.reason.text };
  }

  private all(): readonly ProductEntry[] {
    return this.best.hasValue() ? this.best.value() : [];
  }
}
