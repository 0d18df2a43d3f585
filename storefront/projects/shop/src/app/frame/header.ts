import { Component, computed, inject } from "@angular/core";
import { RouterLink, RouterLinkActive } from "@angular/router";
import { Session } from "@kibble/shared";

import { CartStore } from "../cart/cart.store";
import { Catalogue } from "../core/catalogue";
import { growing, steps } from "../core/growing";
import { slug } from "../core/slug";
import { SearchBox } from "./search-box";

/** As many aisles as a phone draws at once without a pause that one feels. */
const FEW = 4;

/** The head of every page: the name, search, the account, the cart, and the aisles. */
@Component({
  selector: "kb-header",
  imports: [RouterLink, RouterLinkActive, SearchBox],
  template: `
    <header class="top">
      <div class="wide bar">
        <a class="logo" routerLink="/" aria-label="Kibble, the first page">
          <svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9" fill="#2f5d4a" /><path d="M8 15.5h16a8 8 0 0 1-5.2 7.5h-5.6A8 8 0 0 1 8 15.5Z" fill="#fbf3e4" /><circle cx="12.4" cy="11.4" r="2" fill="#f0b44c" /><circle cx="17" cy="9.6" r="2" fill="#e58a52" /><circle cx="20.6" cy="12.2" r="1.7" fill="#f0b44c" /></svg>
          Kibble
        </a>
        <kb-search-box />
        <div class="doors">
          <a class="door" [routerLink]="session.signedIn() ? '/account' : '/sign-in'">
            <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" aria-hidden="true"><circle cx="12" cy="8.5" r="4" /><path d="M4.5 20.5c1-4 4-6 7.5-6s6.500 2 7.500 6" /></svg>
            <span class="seen-by-readers">{{ session.signedIn() ? "Your account" : "Sign in" }}</span>
          </a>
          <a class="door" routerLink="/cart">
            <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M4 9h16l-1.600 9.200a2 2 0 0 1-2 1.800H7.600a2 2 0 0 1-2-1.800Z" /><path d="m8 9 3-5.500M16 9l-3-5.500" /></svg>
            <span class="name" aria-hidden="true">Cart</span>
            <span class="seen-by-readers">Cart, {{ count() }} {{ count() === 1 ? "thing" : "things" }}</span>
            @if (count() > 0) {
              <span class="count" aria-hidden="true">{{ count() }}</span>
            }
          </a>
        </div>
      </div>
      <nav class="aisles" aria-label="Aisles">
        <ul>
          @for (aisle of drawn(); track aisle.path) {
            <li><a [routerLink]="['/c', aisle.path]" routerLinkActive="on" ariaCurrentWhenActive="page">{{ aisle.name }}</a></li>
          }
        </ul>
      </nav>
    </header>
  `,
})
export class Header {
  private readonly catalogue = inject(Catalogue);
  private readonly cart = inject(CartStore);
  protected readonly session = inject(Session);
  protected readonly count = computed(() => this.cart.cart().count);
  private readonly step = steps(1, () => true);
  private readonly aisles = computed(() =>
    this.catalogue.top().map((one) => ({ name: one.name, path: slug(one.name) })),
  );
  protected readonly drawn = growing(computed(() => (this.step() > 0 ? this.aisles() : [])), FEW);
}
