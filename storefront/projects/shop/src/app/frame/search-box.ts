import { httpResource } from "@angular/common/http";
import { Component, computed, DestroyRef, ElementRef, inject, signal, viewChild } from "@angular/core";
import { takeUntilDestroyed } from "@angular/core/rxjs-interop";
import { NavigationEnd, Router } from "@angular/router";
import { address, ProductSuggestionView } from "@kibble/shared";
import { filter } from "rxjs";

import { slug } from "../core/slug";

const PAUSE_MS = 120;

/** The search field, with what the shop guesses while one types (WAI-ARIA: combobox with a list). */
@Component({
  selector: "kb-search-box",
  host: { class: "find", "(focusout)": "left($event)" },
  template: `
    <form role="search" action="/search" method="get" (submit)="submit($event)">
      <input
        #field
        type="search"
        name="q"
        autocomplete="off"
        autocapitalize="none"
        enterkeyhint="search"
        role="combobox"
        aria-label="Search the shop"
        aria-autocomplete="list"
        aria-controls="suggestions"
        placeholder="Food, toys, a new bed…"
        [attr.aria-expanded]="open()"
        [attr.aria-activedescendant]="chosen() >= 0 ? 'suggestion-' + chosen() : null"
        (input)="typed(field.value)"
        (keydown)="pressed($event)"
      />
      <button type="submit" aria-label="Search">
        <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" aria-hidden="true"><circle cx="10.5" cy="10.5" r="6.5" /><path d="m15.5 15.5 5 5" /></svg>
      </button>
    </form>
    @if (open()) {
      <div id="suggestions" role="listbox" aria-label="Suggestions">
        @for (one of suggestions(); track one.text; let index = $index) {
          <div
            role="option"
            [id]="'suggestion-' + index"
            [attr.aria-selected]="index === chosen()"
            (mousedown)="$event.preventDefault()"
            (click)="go(one)"
          >
            <span>{{ one.text }}</span>
            <span class="small quiet">{{ words(one) }}</span>
          </div>
        }
      </div>
    }
  `,
})
export class SearchBox {
  private readonly router = inject(Router);
  private readonly field = viewChild.required<ElementRef<HTMLInputElement>>("field");
  private readonly asked = signal("");
  private readonly shut = signal(true);
  private pause: ReturnType<typeof setTimeout> | undefined;
  private readonly found = httpResource<readonly ProductSuggestionView[]>(() =>
    this.asked() ? address("/api/products/search/suggest", { query: { q: this.asked() } }) : undefined,
  );
  protected readonly suggestions = computed(() => (this.found.hasValue() ? this.found.value().slice(0, 8) : []));
  protected readonly open = computed(() => !this.shut() && this.suggestions().length > 0);
  protected readonly chosen = signal(-1);

  constructor() {
    const moves = this.router.events.pipe(filter((event) => event instanceof NavigationEnd));
    moves.pipe(takeUntilDestroyed(inject(DestroyRef))).subscribe((event) => {
      const query = this.router.parseUrl(event.urlAfterRedirects).queryParams["q"] as string | undefined;
      this.field().nativeElement.value = query ?? "";
      this.shut.set(true);
    });
  }

  protected typed(text: string): void {
    clearTimeout(this.pause);
    this.shut.set(false);
    this.chosen.set(-1);
    this.pause = setTimeout(() => this.asked.set(text.trim()), PAUSE_MS);
  }

  protected pressed(event: KeyboardEvent): void {
    const last = this.suggestions().length - 1;
    if (event.key === "Escape") this.shut.set(true);
    if (!this.open()) return;
    if (event.key === "ArrowDown") this.chosen.update((one) => (one >= last ? 0 : one + 1));
    else if (event.key === "ArrowUp") this.chosen.update((one) => (one <= 0 ? last : one - 1));
    else return;
    event.preventDefault();
  }

  protected submit(event: Event): void {
    event.preventDefault();
    const suggestion = this.suggestions()[this.chosen()];
    if (this.open() && suggestion) {
      this.go(suggestion);
      return;
    }
    const text = this.field().nativeElement.value.trim();
    this.close();
    void this.router.navigate(["/search"], { queryParams: text ? { q: text } : {} });
  }

  protected go(one: ProductSuggestionView): void {
    this.close();
    if (one.kind === "product" && one.productId) void this.router.navigate(["/p", one.productId, slug(one.text)]);
    else if (one.kind === "category") void this.router.navigate(["/c", slug(one.text)]);
    else void this.router.navigate(["/search"], { queryParams: { brand: one.text } });
  }

  protected words(one: ProductSuggestionView): string {
    if (one.kind === "product") return "";
    const products = one.count === 1 ? "1 product" : `${one.count ?? 0} products`;
    return one.kind === "brand" ? `brand · ${products}` : products;
  }

  protected left(event: FocusEvent): void {
    const next = event.relatedTarget as Node | null;
    if (!next || !(event.currentTarget as HTMLElement).contains(next)) this.shut.set(true);
  }

  private close(): void {
    clearTimeout(this.pause);
    this.shut.set(true);
    this.field().nativeElement.blur();
  }
}
