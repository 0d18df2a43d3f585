import { NgOptimizedImage } from "@angular/common";
import { httpResource } from "@angular/common/http";
import { Component, computed, inject } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Api, ProductEntry, RecommendationSuggestionView, Session } from "@kibble/shared";

import { Catalogue } from "../core/catalogue";
import { growing, steps } from "../core/growing";
import { Head } from "../core/head";
import { slug } from "../core/slug";
import { onCard, ProductCard } from "../ui/product-card";
import { onShelf, Shelf } from "../ui/shelf";
import { Bundles } from "./bundles";

/** As many cards as a phone draws at once without a pause that one feels. */
const FEW = 1;

/** The first page of the shop. */
@Component({
  selector: "kb-home",
  imports: [NgOptimizedImage, RouterLink, ProductCard, Bundles, Shelf],
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

      @if (whole()) {
        <kb-shelf name="for-you" heading="For you" [products]="forYou()" />
        <kb-shelf name="reduced" heading="On sale" [products]="reduced()" [all]="allReduced" />

        <section class="section" aria-labelledby="loved">
          <div class="spread">
            <h2 id="loved">Well liked</h2>
            <a routerLink="/search" [queryParams]="{ sort: 'rating' }">Best rated products</a>
          </div>
          <div class="products">
            @for (one of drawn(); track one.id) {
              <kb-product-card [product]="one" />
            } @empty {
              @for (gap of [1, 2, 3, 4]; track gap) {
                <div class="skeleton" [style.aspect-ratio]="0.68"></div>
              }
            }
          </div>
        </section>

        @defer (on viewport) {
          <kb-bundles />
        } @placeholder {
          <div class="section shelf"></div>
        }

        <section class="section promises" aria-label="What we promise">
          <div class="box"><h3>The price you see</h3><p class="small quiet">Shipping shows in the cart, taxes once we know your state: nothing is added at the end.</p></div>
          <div class="box"><h3>There when we say so</h3><p class="small quiet">Every way of shipping has a date, and you can watch the parcel move.</p></div>
          <div class="box"><h3>No account needed</h3><p class="small quiet">Order as a guest. Open an account when you want to order again in two taps.</p></div>
        </section>
      }
    </div>
  `,
})
export class Home {
  protected readonly catalogue = inject(Catalogue);
  private readonly session = inject(Session);
  private readonly best = httpResource<readonly ProductEntry[]>(() =>
    Api.read("/api/products/search", { query: { q: "food", inStock: true, sort: "rating", limit: 13 } }),
  );
  private readonly bargains = httpResource<readonly ProductEntry[]>(() =>
    Api.read("/api/products/search", { query: { onSale: true, inStock: true, sort: "popularity", limit: 8 } }),
  );
  private readonly suggestions = httpResource<readonly RecommendationSuggestionView[]>(() => {
    const customerId = this.session.customerId();
    if (!customerId) return undefined;
    return Api.read("/api/recommendations/customers/{customerId}", { path: { customerId }, query: { limit: 8 } });
  });
  protected readonly faces = computed(() => this.all().slice(0, 3));
  private readonly liked = computed(() => this.all().slice(3).map(onCard));
  protected readonly reduced = computed(() => (this.bargains.hasValue() ? this.bargains.value().map(onCard) : []));
  protected readonly forYou = computed(() => (this.suggestions.hasValue() ? this.suggestions.value().map(onShelf) : []));
  /** How far the page is drawn: what greets, the aisles, the products. */
  protected readonly step = steps(2, () => true);
  /** Whether products show: not before it is known what is on sale, since that stands above others. */
  protected readonly whole = computed(() => this.step() > 1 && !this.bargains.isLoading());
  protected readonly drawn = growing(computed(() => (this.whole() ? this.liked() : [])), FEW);
  protected readonly path = slug;
  protected readonly allReduced = { words: "All that is on sale", path: "/search", params: { onSale: true } };

  constructor() {
    inject(Head).tell({ title: "Kibble", canonical: "/", description: "Food, toys and everything else for dogs, cats and their friends, at your door in a few days." });
  }

  private all(): readonly ProductEntry[] {
    return this.best.hasValue() ? this.best.value() : [];
  }
}
