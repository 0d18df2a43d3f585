import { Component, input } from "@angular/core";
import { MoneyPipe } from "@kibble/shared";

/** What something costs; on sale, with the usual price struck through behind it. */
@Component({
  selector: "kb-price",
  imports: [MoneyPipe],
  template: `
    @if (usual(); as usual) {
      <span class="reduced"><span class="seen-by-readers">On sale for </span>{{ amount() | money: currency() }}</span>
      <s class="was"><span class="seen-by-readers">, usually </span>{{ usual | money: currency() }}</s>
    } @else {
      {{ amount() | money: currency() }}
    }
  `,
})
export class Price {
  readonly amount = input.required<number>();
  readonly usual = input<number | null | undefined>();
  readonly currency = input("USD");
}
