import { NgOptimizedImage } from "@angular/common";
import { Component, inject } from "@angular/core";
import { ActivatedRoute, Router, RouterLink } from "@angular/router";
import { CartLineView, formatMoney, MoneyPipe, Session } from "@kibble/shared";

import { USUAL_WEEKS } from "../autoship/words";
import { autoshipPrices } from "../core/autoship-prices";
import { Head } from "../core/head";
import { slug } from "../core/slug";
import { Toasts } from "../core/toasts";
import { Empty } from "../ui/empty";
import { Price } from "../ui/price";
import { Quantity } from "../ui/quantity";
import { CartStore } from "./cart.store";
import { FreeShipping } from "./free-shipping";
import { Sums } from "./sums";

/** The cart: what is in it, what is wrong with it, what it comes to. */
@Component({
  selector: "kb-cart-page",
  imports: [NgOptimizedImage, RouterLink, MoneyPipe, Empty, FreeShipping, Price, Quantity, Sums],
  template: `
    <div class="wide">
      <h1>Your cart</h1>
      @if (store.waiting(); as problem) {
        <p class="note warn" role="status">
          {{ problem.code === "offline" ? "You are offline." : "The shop is busy." }} What you changed is kept and will be sent by itself.
        </p>
      }
      @if (store.cart().lines.length > 0) {
        <div class="two section-small">
          <ul class="lines box" aria-label="Products in your cart">
            @for (line of store.cart().lines; track line.productId) {
              <li class="line">
                <a class="thumb" [routerLink]="['/p', line.productId, path(line)]" tabindex="-1" aria-hidden="true">
                  @if (line.image; as image) {
                    <img [ngSrc]="image" width="88" height="88" sizes="88px" ngSrcset="200w" alt="" />
                  }
                </a>
                <div>
                  <a class="called" [routerLink]="['/p', line.productId, path(line)]">{{ line.name || "A product that is gone" }}</a>
                  <p class="small quiet"><kb-price [amount]="line.price" [usual]="line.regularPrice" [currency]="store.cart().currency" /> each</p>
                </div>
                <span class="price" [attr.aria-label]="'Price of this line: ' + (line.lineTotal | money)">{{ line.lineTotal | money: store.cart().currency }}</span>
                @if (line.problem; as problem) {
                  <div class="trouble note" [class.bad]="problem.code !== 'price-changed'" [class.warn]="problem.code === 'price-changed'" role="status">
                    <span>{{ problem.detail }}</span>
                    @if (problem.code === "not-enough-stock" && problem.available) {
                      <button class="link" type="button" (click)="set(line, problem.available)">Take {{ problem.available }}</button>
                    }
                  </div>
                }
                <div class="controls">
                  @if (line.problem?.code !== "gone" && line.problem?.code !== "sold-out") {
                    <kb-quantity [of]="line.name" [value]="line.quantity" (chosen)="set(line, $event)" />
                  }
                  <button class="link small" type="button" [attr.aria-label]="'Remove ' + line.name" (click)="remove(line)">Remove</button>
                  @if (line.problem?.code === "sold-out") {
                    <a class="small" routerLink="/search" [queryParams]="{ q: line.name }">Something like it</a>
                  } @else if (autoship(line); as offer) {
                    <a class="small" routerLink="/account/autoship/new" [queryParams]="{ product: line.productId, quantity: line.quantity, weeks: usual }" [attr.aria-label]="offer + ': ' + line.name">{{ offer }}</a>
                  }
                </div>
              </li>
            }
          </ul>
          <div class="aside box stack">
            <h2>Summary</h2>
            <kb-sums [cart]="store.cart()" />
            @if (store.cart().freeShippingFrom; as from) {
              <kb-free-shipping [subtotal]="store.cart().subtotal" [from]="from" />
            }
            @if (blocked()) {
              <p class="note bad">Something in your cart cannot be bought as it is: see the line above.</p>
              <button class="button full big" type="button" disabled>Checkout</button>
            } @else {
              <a class="button full big" routerLink="/checkout">Checkout</a>
            }
            <p class="small quiet">No account needed. Returns within 30 days.</p>
            @if (!session.signedIn() && store.cartId()) {
              <button class="link small" type="button" (click)="share()">Copy a link to this cart</button>
            }
          </div>
        </div>
      } @else if (store.known()) {
        <kb-empty>
          <h2>Nothing in here yet</h2>
          <p class="quiet">Somebody at home is going to notice.</p>
          <a class="button" routerLink="/">Look around</a>
        </kb-empty>
      } @else {
        <div class="two" aria-busy="true">
          <div class="skeleton" [style.height.px]="320"></div>
          <div class="skeleton" [style.height.px]="260"></div>
        </div>
      }
    </div>
  `,
})
export class CartPage {
  protected readonly store = inject(CartStore);
  private readonly prices = autoshipPrices(() => this.store.cart().lines.filter((line) => !line.problem));
  protected readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly toasts = inject(Toasts);
  protected readonly usual = USUAL_WEEKS;

  constructor() {
    inject(Head).tell({ title: "Your cart" });
    const linked = inject(ActivatedRoute).snapshot.fragment;
    void this.store.load();
    if (linked) void this.take(linked);
  }

  /** Let a guest go on elsewhere: who has the link can take what is in the cart. The id is in no request's address. */
  protected async share(): Promise<void> {
    const link = `${location.origin}/cart#${this.store.cartId()}`;
    try {
      await navigator.clipboard.writeText(link);
      this.toasts.show("The link is copied. Open it where you want to go on.");
    } catch {
      this.toasts.show(`Your browser does not copy. The link is ${link}`);
    }
  }

  private async take(cartId: string): Promise<void> {
    await this.router.navigate([], { replaceUrl: true });
    await this.store.copy(cartId);
  }

  /** What a line costs on Autoship, in words, where that saves something: one line, as the first view has. */
  protected autoship(line: CartLineView): string | null {
    const found = line.problem ? undefined : this.prices().get(line.productId);
    if (!found?.firstPercent || found.quantity !== line.quantity) return null;
    return `Autoship and save ${found.firstPercent}%: ${formatMoney(found.first, this.store.cart().currency)}`;
  }

  protected path(line: CartLineView): string {
    return slug(line.name);
  }

  protected blocked(): boolean {
    return this.store.cart().lines.some((line) => line.problem && line.problem.code !== "price-changed");
  }

  /** Take a line out; what can still be bought can be taken back. */
  protected remove(line: CartLineView): void {
    this.set(line, 0);
    const undo = line.problem?.code === "gone" ? undefined : () => this.set(line, line.quantity);
    this.toasts.show(`${line.name || "It"} is out of your cart.`, { undo });
  }

  protected set(line: CartLineView, quantity: number): void {
    this.store.change({ id: line.productId, name: line.name, price: line.price, image: line.image }, quantity);
  }
}
