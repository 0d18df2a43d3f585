import { httpResource } from "@angular/common/http";
import { Component, computed, inject, input, signal } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import { Api, Problem, ReviewView, Session } from "@kibble/shared";

import { Toasts } from "../core/toasts";
import { Stars } from "../ui/stars";

/** What customers say of a product, and a form for one's own words. */
@Component({
  selector: "kb-reviews",
  imports: [RouterLink, Stars],
  template: `
    <section class="section" aria-labelledby="reviews">
      <div class="spread">
        <h2 id="reviews">What others say</h2>
        @if (count() > 0) {
          <kb-stars [rating]="rating()" [count]="count()" />
        }
      </div>
      <ul class="plain-list">
        @for (one of reviews(); track one.id) {
          <li class="stack-2">
            <p class="row"><kb-stars [rating]="one.rating" /> <span class="strong">{{ one.title }}</span> @if (one.verifiedBuyer) { <span class="tag good">Bought it here</span> }</p>
            <p>{{ one.text }}</p>
          </li>
        } @empty {
          @if (loaded.hasValue()) {
            <li class="quiet">Nobody has said anything yet.</li>
          }
        }
      </ul>
      @if (session.signedIn()) {
        <form class="box stack form" (submit)="send($event)">
          <h3>Your own words</h3>
          <fieldset>
            <legend class="small strong">Stars</legend>
            <div class="row">
              @for (value of [1, 2, 3, 4, 5]; track value) {
                <button class="chip" type="button" [attr.aria-pressed]="stars() === value" (click)="stars.set(value)">{{ value }} <span aria-hidden="true" class="stars">★</span></button>
              }
            </div>
          </fieldset>
          <div class="field"><label for="review-title">In short</label><input #title id="review-title" class="input" maxlength="120" /></div>
          <div class="field"><label for="review-text">In full</label><textarea #text id="review-text" class="input" maxlength="4000"></textarea></div>
          @if (wrong(); as wrong) {
            <p class="error" role="alert">{{ wrong }}</p>
          }
          <button class="button" type="submit" (click)="words = { title: title.value, text: text.value }">Say it</button>
        </form>
      } @else {
        <p class="small"><a routerLink="/sign-in" [queryParams]="{ return: router.url }">Sign in</a> to say what you think.</p>
      }
    </section>
  `,
  styles: `
    .form { margin-top: 1.5rem; max-width: 40rem; }
  `,
})
export class Reviews {
  private readonly api = inject(Api);
  private readonly toasts = inject(Toasts);
  protected readonly session = inject(Session);
  protected readonly router = inject(Router);
  readonly productId = input.required<string>();
  readonly rating = input.required<number>();
  readonly count = input.required<number>();
  protected readonly loaded = httpResource<readonly ReviewView[]>(() =>
    Api.read("/api/products/{productId}/reviews", { path: { productId: this.productId() }, query: { limit: 20 } }),
  );
  protected readonly reviews = computed(() => (this.loaded.hasValue() ? this.loaded.value() : []));
  protected readonly stars = signal(0);
  protected readonly wrong = signal("");
  protected words = { title: "", text: "" };

  protected async send(event: Event): Promise<void> {
    event.preventDefault();
    if (this.stars() === 0) {
      this.wrong.set("Choose how many stars.");
      return;
    }
    try {
      const body = { rating: this.stars(), ...this.words };
      await this.api.post("/api/products/{productId}/reviews", { path: { productId: this.productId() }, body });
      this.wrong.set("");
      this.stars.set(0);
      (event.target as HTMLFormElement).reset();
      this.toasts.show("Thank you. Your words are up.");
      this.loaded.reload();
    } catch (thrown) {
      this.wrong.set(Problem.of(thrown).message);
    }
  }
}
