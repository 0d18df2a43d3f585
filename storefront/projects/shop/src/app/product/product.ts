import { httpResource } from "@angular/common/http";
import { Component, computed, effect, inject, input, linkedSignal, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Api, MoneyPipe, Problem, ProductPage, Session } from "@kibble/shared";

import { CartStore } from "../cart/cart.store";
import { Catalogue } from "../core/catalogue";
import { steps } from "../core/growing";
import { Head } from "../core/head";
import { slug } from "../core/slug";
import { Empty } from "../ui/empty";
import { Price } from "../ui/price";
import { Quantity } from "../ui/quantity";
import { Stars } from "../ui/stars";
import { Stock } from "../ui/stock";
import { Delivery } from "./delivery";
import { facts } from "./facts";
import { Gallery } from "./gallery";
import { GoesWith } from "./goes-with";
import { HowOften } from "./how-often";
import { Inside } from "./inside";
import { Reviews } from "./reviews";
import { TellMe } from "./tell-me";

const NOTHING = { id: "", price: 0, sale: null };

/** One product: what it looks like, what it costs, when it can be there. */
@Component({
  selector: "kb-product",
  imports: [RouterLink, MoneyPipe, Delivery, Empty, Gallery, GoesWith, HowOften, Inside, Price, Quantity, Reviews, Stars, Stock, TellMe],
  template: `
    <div class="wide">
      @if (product(); as product) {
        <nav aria-label="Where you are">
          <ol class="crumbs">
            <li><a routerLink="/">Kibble</a></li>
            @for (above of path(); track above.id) {
              <li><a [routerLink]="['/c', slugOf(above.name)]">{{ above.name }}</a></li>
            } @empty {
              <li><a [routerLink]="['/c', slugOf(product.category)]">{{ product.category }}</a></li>
            }
          </ol>
        </nav>
        <article class="product">
          <kb-gallery [images]="images()" [name]="product.name" />
          <div class="buy stack">
            <div class="stack-2">
              @if (product.attributes["brand"]; as brand) {
                <a class="small" routerLink="/search" [queryParams]="{ brand }">{{ brand }}</a>
              }
              <h1>{{ product.name }}</h1>
              @if (product.reviewCount > 0) {
                <p><kb-stars [rating]="product.rating" [count]="product.reviewCount" /></p>
              }
            </div>
            <p class="row" aria-live="polite">
              <span class="price now">
                @if (product.variants?.length && !variant()) {
                  <span class="small quiet">from&ngsp;</span>
                }
                <kb-price [amount]="price()" [usual]="sale()?.regularPrice" />
              </span>
              <kb-stock [left]="left()" />
            </p>
            @if (sale(); as sale) {
              <p class="small quiet">
                @if (sale.endsAt) {
                  Sale price until {{ day(sale.endsAt) }}.
                }
                Lowest price of the 30 days before: {{ sale.lowestPrice | money }}.
              </p>
            }
            @if (step() > 0) {
              @for (option of product.options ?? []; track option.name) {
                <fieldset class="options">
                  <legend class="small strong">{{ title(option.name) }}: <span class="quiet">{{ chosen()[option.name] ?? "choose one" }}</span></legend>
                  <div class="row">
                    @for (value of option.values; track value) {
                      <button class="chip" type="button" [attr.aria-pressed]="chosen()[option.name] === value" (click)="choose(option.name, value)">
                        {{ value }}
                        @if (!possible(option.name, value)) {
                          <span class="small quiet">sold out</span>
                        }
                      </button>
                    }
                  </div>
                </fieldset>
              }
              @if (left() > 0) {
                <kb-how-often [price]="price() * quantity()" [productId]="priced().id" [quantity]="quantity()" [(weeks)]="weeks" />
                <div class="row">
                  <kb-quantity [of]="product.name" [value]="quantity()" [most]="most()" (chosen)="quantity.set($event)" />
                  @if (!weeks()) {
                    <button class="button big add" type="button" [disabled]="!buyable()" (click)="add()">Add to cart</button>
                  } @else if (buyable(); as one) {
                    <a class="button big add" routerLink="/account/autoship/new" [queryParams]="{ product: one.id, quantity: quantity(), weeks: weeks() }">Set up Autoship</a>
                  } @else {
                    <button class="button big add" type="button" disabled>Set up Autoship</button>
                  }
                </div>
                @if (!buyable()) {
                  <p class="small quiet" role="status">Choose one of each above.</p>
                }
              } @else {
                <p class="note warn">This one is sold out. <a [routerLink]="['/c', slugOf(product.category)]">See others like it</a>.</p>
                @if (buyable(); as one) {
                  @if (!product.components?.length) {
                    <kb-tell-me [productId]="one.id" />
                  }
                }
              }
            }
            @if (step() > 1) {
              <kb-delivery [productId]="buyable()?.id ?? product.id" />
              <p>{{ product.description }}</p>
              @if (product.components && product.components.length > 0) {
                <kb-inside [components]="product.components" [price]="product.price" />
              }
              <dl class="facts small">
                @for (fact of facts(); track fact[0]) {
                  <dt>{{ fact[0] }}</dt><dd>{{ fact[1] }}</dd>
                }
              </dl>
            }
          </div>
        </article>
        @defer (on viewport; prefetch on idle) {
          <kb-goes-with [productId]="product.id" />
        } @placeholder {
          <div class="section" [style.min-height.px]="380"></div>
        }
        @defer (on viewport) {
          <kb-reviews [productId]="product.id" [rating]="product.rating" [count]="product.reviewCount" />
        } @placeholder {
          <div class="section" [style.min-height.px]="300"></div>
        }
      } @else if (problem()) {
        <kb-empty>
          @if (problem()!.status === 404) {
            <h1>We no longer have this</h1>
            <p class="quiet">Somebody loved it more. Perhaps there is something like it.</p>
            <a class="button" routerLink="/">Look around</a>
          } @else {
            <h1>This did not load</h1>
            <p class="quiet">{{ problem()!.message }}</p>
            <button class="button" type="button" (click)="loaded.reload()">Try again</button>
          }
        </kb-empty>
      } @else {
        <div class="product" aria-busy="true">
          <div class="skeleton" [style.aspect-ratio]="1"></div>
          <div class="stack"><div class="skeleton" [style.height.px]="90"></div><div class="skeleton" [style.height.px]="240"></div></div>
        </div>
      }
    </div>
  `,
  styles: `
    .add { flex: 1; min-width: 11rem; }
    .options .row { margin-top: 0.4rem; }
  `,
})
export class ProductDetail {
  private readonly cart = inject(CartStore);
  private readonly catalogue = inject(Catalogue);
  private readonly head = inject(Head);
  private readonly session = inject(Session);
  private readonly api = inject(Api);

  readonly productId = input.required<string>();
  protected readonly loaded = httpResource<ProductPage>(() =>
    Api.read("/api/products/{productId}", { path: { productId: this.productId() } }),
  );
  protected readonly product = computed(() => (this.loaded.hasValue() ? this.loaded.value() : null));
  protected readonly problem = computed(() => (this.loaded.error() ? Problem.of(this.loaded.error()) : null));
  protected readonly path = computed(() => this.catalogue.pathByName(this.product()?.category ?? ""));
  protected readonly facts = computed(() => facts(this.product()?.attributes ?? {}));
  protected readonly slugOf = slug;

  protected readonly chosen = linkedSignal<string, Readonly<Record<string, string>>>({
    source: () => this.productId(),
    computation: () => ({}),
  });
  protected readonly quantity = linkedSignal({ source: () => this.productId(), computation: () => 1 });
  /** Every how many weeks it is to come; 0 for once. */
  protected readonly weeks = linkedSignal({ source: () => this.productId(), computation: () => 0 });
  protected readonly variant = computed(() => {
    const chosen = this.chosen();
    return (this.product()?.variants ?? []).find((one) =>
      Object.entries(one.options).every(([name, value]) => chosen[name] === value),
    );
  });
  protected readonly buyable = computed(() => (this.product()?.variants?.length ? this.variant() : this.product()));
  /** What the price is of: the chosen variant, until then the cheapest one, or the product itself. */
  protected readonly priced = computed(() => this.variant() ?? this.product()?.from ?? this.product() ?? NOTHING);
  protected readonly price = computed(() => this.priced().price);
  protected readonly sale = computed(() => this.priced().sale);
  protected readonly left = computed(() => this.variant()?.stock ?? this.product()?.stock ?? 0);
  protected readonly most = computed(() => Math.max(1, Math.min(99, this.left())));
  protected readonly images = computed(() => {
    const own = this.variant()?.images ?? [];
    return own.length > 0 ? own : (this.product()?.images ?? []);
  });
  /** How far the page is drawn: name and price, what to choose and buy, the rest. */
  protected readonly step = steps(2, () => this.product() !== null);
  private readonly told = signal("");

  constructor() {
    effect(() => {
      const product = this.product();
      if (!product) return;
      const canonical = `/p/${product.id}/${slug(product.name)}`;
      this.head.tell({ title: product.name, description: product.description.slice(0, 160), canonical });
      this.view(product.id);
    });
  }

  protected day(moment: string): string {
    return new Date(moment).toLocaleDateString("en-US", { month: "long", day: "numeric" });
  }

  protected title(option: string): string {
    return option.charAt(0).toUpperCase() + option.slice(1);
  }

  protected choose(option: string, value: string): void {
    this.chosen.update((chosen) => ({ ...chosen, [option]: value }));
    this.quantity.update((quantity) => Math.min(quantity, this.most()));
  }

  /** Whether some variant with this value, and with what else is chosen, is there. */
  protected possible(option: string, value: string): boolean {
    const wanted = { ...this.chosen(), [option]: value };
    return (this.product()?.variants ?? []).some(
      (one) => one.stock > 0 && Object.entries(wanted).every(([name, is]) => one.options[name] === is),
    );
  }

  protected add(): void {
    const one = this.buyable();
    if (one) this.cart.add({ id: one.id, name: one.name, price: one.price, image: this.images()[0] ?? null }, this.quantity());
  }

  /** Tell the shop what a customer looks at, once a product; that it fails is no matter for them. */
  private view(productId: string): void {
    if (!this.session.customerId() || this.told() === productId) return;
    this.told.set(productId);
    this.api.post("/api/recommendations/views", { body: { productId } }).catch(() => undefined);
  }
}
