import { Component, computed, input, model } from "@angular/core";
import { MoneyPipe } from "@kibble/shared";

import { every, intervals, USUAL_WEEKS } from "../autoship/words";
import { autoshipPrices, saving } from "../core/autoship-prices";
import { Price } from "../ui/price";

/** The choice between buying once and Autoship, with what each costs. */
@Component({
  selector: "kb-how-often",
  imports: [MoneyPipe, Price],
  template: `
    <fieldset class="stack-2">
      <legend class="seen-by-readers">Once, or again and again</legend>
      <label class="choice">
        <input type="radio" name="how-often" [checked]="weeks() === 0" (change)="weeks.set(0)" />
        <span class="spread"><span class="strong">Once</span><span class="price">{{ price() | money }}</span></span>
      </label>
      <label class="choice">
        <input type="radio" name="how-often" [checked]="weeks() > 0" (change)="weeks.set(usual)" />
        <span class="spread"><span><span class="strong">Autoship</span><br /><span class="small quiet">Skip, change or cancel at any time</span>@if (saving(); as saving) {<br /><span class="tag good">{{ saving }}</span>}</span><span class="price"><kb-price [amount]="cost().first" [usual]="cost().first < cost().full ? cost().full : null" /> {{ words({ every: weeks() || usual, unit: "week" }) }}@if (cost().later !== cost().first) {<br /><span class="small quiet">then {{ cost().later | money }}</span>}</span></span>
      </label>
      @if (weeks() > 0) {
        <div class="field">
          <label for="how-many-weeks">How often</label>
          <select class="input" id="how-many-weeks" (change)="weeks.set(+$any($event.target).value)">
            @for (one of choices; track one.every) {
              <option [value]="one.every" [selected]="one.every === weeks()">{{ words(one) }}</option>
            }
          </select>
          <p class="hint">Discounts for Autoship come off by themselves. If it gets more than a tenth dearer, we ask first.</p>
        </div>
      }
    </fieldset>
  `,
})
export class HowOften {
  /** What it costs each time. */
  readonly price = input.required<number>();
  readonly productId = input.required<string>();
  readonly quantity = input.required<number>();
  /** Every how many weeks; 0 for once. */
  readonly weeks = model.required<number>();
  private readonly prices = autoshipPrices(() => [{ productId: this.productId(), quantity: this.quantity() }]);
  private readonly known = computed(() => this.prices().get(this.productId()));
  protected readonly saving = computed(() => (this.known() ? saving(this.known()!) : null));
  /** What it costs on Autoship; while that is not known, as much as once. */
  protected readonly cost = computed(() => this.known() ?? { full: this.price(), first: this.price(), later: this.price() });
  protected readonly usual = USUAL_WEEKS;
  protected readonly choices = intervals();
  protected readonly words = every;
}
