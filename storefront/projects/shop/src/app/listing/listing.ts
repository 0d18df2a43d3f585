import { httpResource } from "@angular/common/http";
import { Component, computed, DestroyRef, effect, inject, input, signal, untracked } from "@angular/core";
import { toSignal } from "@angular/core/rxjs-interop";
import { ActivatedRoute, Params, Router, RouterLink } from "@angular/router";
import { address, Api, FacetsView, formatMoney, nextCursor, Problem, ProductEntry } from "@kibble/shared";

import { Catalogue } from "../core/catalogue";
import { growing, steps } from "../core/growing";
import { Head } from "../core/head";
import { slug } from "../core/slug";
import { Empty } from "../ui/empty";
import { onCard, ProductCard } from "../ui/product-card";
import { Facets } from "./facets";
import { asQuery, chips, readWish, SORTS } from "./query";
import { ShownMore } from "./shown-more";

const PAGE = 24;
/** As many cards as a phone draws at once without a pause that one feels. */
const FEW = 1;
/** As in `pages.css`, which makes two columns there. */
const WIDE = globalThis.matchMedia("(min-width: 60rem)");

/** A list of products: of a category, or of a search. Its address holds all of its state. */
@Component({
  selector: "kb-listing",
  imports: [RouterLink, Empty, Facets, ProductCard],
  template: `
    <div class="wide">
      @if (path().length > 0) {
        <nav aria-label="Where you are">
          <ol class="crumbs">
            <li><a routerLink="/">Kibble</a></li>
            @for (above of path().slice(0, -1); track above.id) {
              <li><a [routerLink]="['/c', slugOf(above.name)]">{{ above.name }}</a></li>
            }
            <li aria-current="page">{{ title() }}</li>
          </ol>
        </nav>
      }
      <div class="spread">
        <h1>{{ title() }}</h1>
        <p class="quiet" role="status">{{ words() }}</p>
      </div>
      @if (below().length > 0) {
        <ul class="row kinds" aria-label="Kinds">
          @for (one of below(); track one.id) {
            <li><a class="chip" [routerLink]="['/c', slugOf(one.name)]">{{ one.name }} <span class="quiet">{{ one.productCount }}</span></a></li>
          }
        </ul>
      }
      @if (missing()) {
        <kb-empty>
          <h2>There is no such aisle</h2>
          <p class="quiet">It may have moved. The search finds what is there.</p>
          <a class="button" routerLink="/">To the first page</a>
        </kb-empty>
      } @else {
        <div class="listing">
          @if (wide()) {
            <aside aria-label="Filters"><kb-facets [facets]="facetsShown()" [wish]="wish()" (pick)="narrow($event)" /></aside>
          } @else {
            <details #filters class="box" (toggle)="opened.set(true)">
              <summary class="strong">Filter @if (shownChips().length) { <span class="tag good">{{ shownChips().length }}</span> }</summary>
              @if (opened()) {
                <kb-facets [facets]="facetsShown()" [wish]="wish()" (pick)="narrow($event)" />
                <p class="shut"><button class="button full" type="button" (click)="close(filters)">{{ words() ? "Show " + words() : "Close" }}</button></p>
              }
            </details>
          }
          <div>
            <div class="spread">
              <ul class="row" aria-label="What the list is narrowed down to">
                @for (chip of shownChips(); track chip.text) {
                  <li><button class="chip on" type="button" (click)="narrow(chip.without)"><span class="seen-by-readers">Remove the filter</span> {{ chip.text }} <span aria-hidden="true">×</span></button></li>
                }
              </ul>
              <label class="row small">
                <span class="quiet">Sort by</span>
                <select class="input sort" (change)="narrow({ sort: $any($event.target).value })">
                  @for (sort of sorts; track sort[0]) {
                    <option [value]="sort[0]" [selected]="sort[0] === (wish().sort ?? 'relevance')">{{ sort[1] }}</option>
                  }
                </select>
              </label>
            </div>
            @if (problem(); as problem) {
              <div class="note bad" role="alert">{{ problem.message }} <button class="link" type="button" (click)="first.reload()">Try again</button></div>
            } @else if (items().length > 0) {
              <div class="products results">
                @for (one of drawn(); track one.id) {
                  <kb-product-card [product]="one" [first]="$index < 2" />
                }
              </div>
              @if (cursor()) {
                <p class="more"><button class="button plain" type="button" [disabled]="loading()" (click)="more()">Show more</button></p>
              }
            } @else if (first.isLoading() || !ready()) {
              <div class="products results" aria-busy="true">
                @for (gap of gaps; track gap) {
                  <div class="skeleton" [style.aspect-ratio]="0.68"></div>
                }
              </div>
            } @else {
              <kb-empty>
                @if (shownChips().length > 0) {
                  <h2>Nothing is left after these filters</h2>
                  <p class="quiet">Take one away, or all of them.</p>
                  <a class="button" [routerLink]="[]" [queryParams]="wish().q ? { q: wish().q } : {}">Remove all filters</a>
                } @else {
                  <h2>We found nothing for “{{ wish().q }}”</h2>
                  <p class="quiet">Check the spelling, or try a plainer word: “bed” finds more than “orthopaedic mattress”.</p>
                  @for (guess of guesses(); track guess.text) {
                    <a class="chip" routerLink="/search" [queryParams]="{ q: guess.text }">{{ guess.text }}</a>
                  }
                  <p><a class="button" routerLink="/">Look around</a></p>
                }
              </kb-empty>
            }
          </div>
        </div>
      }
    </div>
  `,
})
export class Listing {
  private readonly api = inject(Api);
  private readonly router = inject(Router);
  private readonly catalogue = inject(Catalogue);
  private readonly head = inject(Head);
  private readonly shownMore = inject(ShownMore);
  private readonly params = toSignal(inject(ActivatedRoute).queryParams, { initialValue: {} as Params });

  /** The category's name in the address; none for a search. */
  readonly category = input<string>();
  protected readonly path = computed(() => this.catalogue.path(this.category() ?? ""));
  protected readonly missing = computed(() => Boolean(this.category()) && this.catalogue.known() && this.path().length === 0);
  protected readonly ready = computed(() => !this.category() || this.path().length > 0);
  protected readonly wish = computed(() => readWish(this.params(), this.path().at(-1)?.name));
  protected readonly below = computed(() => this.path().at(-1)?.children ?? []);
  protected readonly title = computed(() => {
    const wish = this.wish();
    return this.path().at(-1)?.name ?? (wish.q ? `“${wish.q}”` : (wish.brand ?? (wish.onSale ? "On sale" : "Everything")));
  });

  protected readonly first = httpResource<readonly ProductEntry[]>(() =>
    this.ready() ? address("/api/products/search", { query: { ...asQuery(this.wish()), limit: PAGE } }) : undefined,
  );
  /** Whether the filters stand beside the list; else they open above it, and are asked for then. */
  protected readonly wide = signal(WIDE.matches);
  protected readonly opened = signal(false);
  private readonly facets = httpResource<FacetsView>(() =>
    this.ready() && (this.wide() || this.opened()) ? address("/api/products/search/facets", { query: { ...asQuery(this.wish()), sort: undefined } }) : undefined,
  );
  private readonly suggested = httpResource<readonly { text: string; kind: string }[]>(() => {
    const q = this.wish().q;
    return q && this.first.hasValue() && this.first.value().length === 0
      ? address("/api/products/search/suggest", { query: { q: q.split(/\s+/)[0] } })
      : undefined;
  });
  protected readonly guesses = computed(() => (this.suggested.hasValue() ? this.suggested.value().slice(0, 4) : []));
  protected readonly facetsShown = signal<FacetsView | undefined>(undefined);
  /** The list once it is longer than its first page. */
  private readonly longer = signal<readonly ProductEntry[] | null>(null);
  private readonly found = computed(() => this.longer() ?? (this.first.hasValue() ? this.first.value() : []));
  protected readonly items = computed(() => this.found().map(onCard));
  /** How far the page is drawn: what stands above the list, the products. */
  private readonly step = steps(1, () => true);
  private readonly few = growing(computed(() => (this.step() > 0 ? this.items() : [])), FEW);
  /** Whether one comes back to a list that was longer: it is drawn at once, for there is a place in it to come back to. */
  private readonly back = signal(false);
  protected readonly drawn = computed(() => (this.back() ? this.items() : this.few()));
  private readonly next = signal<string | null | undefined>(undefined);
  protected readonly loading = signal(false);
  protected readonly cursor = computed(() =>
    this.next() === undefined ? nextCursor(this.first.headers()?.get("Link") ?? null) : this.next(),
  );
  protected readonly problem = computed(() => (this.first.error() ? Problem.of(this.first.error()) : null));
  protected readonly shownChips = computed(() => chips(this.wish(), formatMoney));
  protected readonly sorts = SORTS;
  protected readonly gaps = Array.from({ length: 8 }, (_, index) => index);
  protected readonly slugOf = slug;
  protected readonly words = computed(() => {
    const count = this.items().length;
    if (!this.first.hasValue()) return "";
    return count === 0 ? "" : this.cursor() ? `${count} and more` : `${count} ${count === 1 ? "product" : "products"}`;
  });

  constructor() {
    const turned = () => this.wide.set(WIDE.matches);
    WIDE.addEventListener("change", turned);
    inject(DestroyRef).onDestroy(() => WIDE.removeEventListener("change", turned));
    effect(() => {
      const list = JSON.stringify(asQuery(this.wish()));
      untracked(() => {
        const kept = this.shownMore.of(list);
        this.longer.set(kept?.items ?? null);
        this.next.set(kept?.cursor);
        this.back.set(kept !== undefined);
      });
    });
    effect(() => {
      if (this.facets.hasValue()) this.facetsShown.set(this.facets.value());
    });
    effect(() => {
      const category = this.category();
      this.head.tell({ title: this.title().replace(/[“”]/g, ""), canonical: category ? `/c/${category}` : undefined });
    });
  }

  protected narrow(change: Params): void {
    void this.router.navigate([], { queryParams: change, queryParamsHandling: "merge" });
  }

  /** Close the filters on a phone, where what they left is far below them. */
  protected close(filters: HTMLDetailsElement): void {
    filters.open = false;
    filters.scrollIntoView({ block: "start" });
    filters.querySelector("summary")?.focus({ preventScroll: true });
  }

  protected async more(): Promise<void> {
    this.loading.set(true);
    try {
      const query = { ...asQuery(this.wish()), limit: PAGE, cursor: this.cursor() ?? undefined };
      const page = await this.api.page("/api/products/search", { query });
      const items = [...this.found(), ...page.items];
      this.longer.set(items);
      this.next.set(page.cursor);
      this.shownMore.keep(JSON.stringify(asQuery(this.wish())), { items, cursor: page.cursor });
    } finally {
      this.loading.set(false);
    }
  }
}
