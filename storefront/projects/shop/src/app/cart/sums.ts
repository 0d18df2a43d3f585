import { Component, input } from "@angular/core";
import { MoneyPipe } from "@kibble/shared";

import { ShownCart } from "./cart.model";

/** What a cart comes to, line by line; a sum that waits for the shop's answer says so. */
@Component({
  selector: "kb-sums",
  imports: [MoneyPipe],
  template: `
    <dl class="sums figure">
      <div><dt>Subtotal</dt><dd>{{ cart().subtotal | money: cart().currency }}</dd></div>
      @if (cart().discount > 0) {
        <div><dt>Discount</dt><dd>−{{ cart().discount | money: cart().currency }}</dd></div>
      }
      <div><dt>Shipping</dt><dd>{{ cart().shipping === 0 ? "Free" : (cart().shipping | money: cart().currency) }}</dd></div>
      <div><dt>Taxes</dt><dd>{{ cart().tax === 0 ? taxWords() : (cart().tax | money: cart().currency) }}</dd></div>
      <div class="total" [attr.aria-busy]="cart().guessed"><dt>Total</dt><dd>{{ cart().total | money: cart().currency }}</dd></div>
    </dl>
  `,
})
export class Sums {
  readonly cart = input.required<ShownCart>();
  /** What stands for taxes of nothing. */
  readonly taxWords = input("By your address");
}
