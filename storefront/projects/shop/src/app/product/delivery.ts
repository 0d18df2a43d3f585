import { Component, effect, inject, input, signal } from "@angular/core";
import { Api, MoneyPipe, Problem, RateView } from "@kibble/shared";

import { day, Place, useful } from "../core/place";

const ZIP = /^\d{5}$/;

/** When it can be there, and for how much: asked for with a ZIP code that is kept for the next product. */
@Component({
  selector: "kb-delivery",
  imports: [MoneyPipe],
  template: `
    <div class="box stack-2 small">
      <form class="row" (submit)="ask($event, zip.value)">
        <label for="zip" class="strong">Delivery to</label>
        <input #zip id="zip" class="input zip" name="zip" inputmode="numeric" autocomplete="postal-code" placeholder="ZIP code" maxlength="5" [value]="place.zipCode()" [attr.aria-invalid]="wrong() ? true : null" aria-describedby="zip-answer" />
        <button class="button plain" type="submit">Show dates</button>
      </form>
      <div id="zip-answer" role="status">
        @if (wrong(); as wrong) {
          <p class="error">{{ wrong }}</p>
        }
        @for (rate of rates(); track rate.method) {
          <p><span class="strong">{{ dayOf(rate.estimatedDelivery) }}</span> · {{ rate.name }} · {{ rate.cost === 0 ? "free" : (rate.cost | money: rate.currency) }}</p>
        }
      </div>
    </div>
  `,
  styles: `
    .zip { width: 6.5rem; min-height: 2.5rem; }
    .button { min-height: 2.5rem; }
    .box { padding: 0.9rem 1rem; }
    [role="status"]:not(:has(p)) { margin: 0; }
  `,
})
export class Delivery {
  private readonly api = inject(Api);
  protected readonly place = inject(Place);
  readonly productId = input.required<string>();
  protected readonly rates = signal<readonly RateView[]>([]);
  protected readonly wrong = signal("");
  protected readonly dayOf = day;

  constructor() {
    effect(() => {
      if (this.place.zipCode()) void this.read(this.productId(), this.place.zipCode());
    });
  }

  protected ask(event: Event, zipCode: string): void {
    event.preventDefault();
    if (!ZIP.test(zipCode.trim())) {
      this.wrong.set("A ZIP code has five digits.");
      return;
    }
    this.wrong.set("");
    this.place.remember(zipCode.trim());
  }

  private async read(productId: string, zipCode: string): Promise<void> {
    try {
      const body = { address: { zipCode }, items: [{ productId, quantity: 1 }] };
      this.rates.set(useful(await this.api.post("/api/shipping/rates", { body })));
    } catch (thrown) {
      this.rates.set([]);
      this.wrong.set(Problem.of(thrown).at("/address/zipCode") ?? "Dates cannot be told just now.");
    }
  }
}
