import { Component, input, output } from "@angular/core";

/** How many: two buttons around a number that can be typed. */
@Component({
  selector: "kb-quantity",
  template: `
    <div class="quantity" role="group" [attr.aria-label]="'Quantity of ' + of()">
      <button type="button" [attr.aria-label]="'One less of ' + of()" [disabled]="value() <= least()" (click)="set(value() - 1)">−</button>
      <input
        type="number"
        inputmode="numeric"
        [attr.aria-label]="'Quantity of ' + of()"
        [min]="least()"
        [max]="most()"
        [value]="value()"
        (change)="typed($event)"
      />
      <button type="button" [attr.aria-label]="'One more of ' + of()" [disabled]="value() >= most()" (click)="set(value() + 1)">+</button>
    </div>
  `,
})
export class Quantity {
  /** What it is the quantity of, for those who do not see it. */
  readonly of = input.required<string>();
  readonly value = input.required<number>();
  readonly least = input(1);
  readonly most = input(99);
  /** The number that was chosen, within the limits. */
  readonly chosen = output<number>();

  protected set(value: number): void {
    this.chosen.emit(Math.min(this.most(), Math.max(this.least(), value)));
  }

  protected typed(event: Event): void {
    const field = event.target as HTMLInputElement;
    const value = Math.round(Number(field.value));
    if (Number.isFinite(value) && field.value !== "") this.set(value);
    field.value = String(this.value());
  }
}
