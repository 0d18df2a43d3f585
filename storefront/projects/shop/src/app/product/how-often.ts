import { Component, computed, inject, input, model } from "@angular/core";
import { MoneyPipe } from "@kibble/shared";

import { every, intervals, USUAL_WEEKS } from "../autoship/words";
import { inWords, Offers } from "../core/offers";

/** The choice between buying once and Autoship, with what each costs. */
@Component({
  selector: "kb-how-often",
  imports: [MoneyPipe],
  template: `
    <fieldset class="stack-2">
      <legend class="seen-by-readers">Once, or again and again</legend>
      <label class="choice">
        <input type="radio" name="how-often" [checked]="weeks() === 0" (change)="weeks.set(0)" />
        <span class="spread"><span class="strong">Once</span><span class="price">{{ price() | money }}</span></span>
      </label>
      <label class="choice">
        <input type="radio" name="how-often" [checked]="weeks() > 0" (change)="weeks.set(usual)" />
        <span class="spread"><span><span class="strong">Autoship</span><br /><span class="small quiet">Skip, change or cancel at any time</span>@if (saving(); as saving) {<br /><span class="tag good">{{ saving }}</span>}</span><span class="price">{{ price() | money }} {{ words({ every: weeks() || usual, unit: "week" }) }}</span></span>
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
  /** Every how many weeks; 0 for once. */
  readonly weeks = model.required<number>();
  private readonly offers = inject(Offers);
  protected readonly saving = computed(() => {
    const offer = this.offers.autoship();
    return offer ? inWords(offer) : null;
  });
  protected readonly usual = USUAL_WEEKS;
  protected readonly choices = intervals();
  protected readonly words = every;
}
