import { Component, computed, input } from "@angular/core";
import { formatMoney, fromCents, toCents } from "@kibble/shared";

/** How far a cart is from free shipping. */
@Component({
  selector: "kb-free-shipping",
  template: `
    <p class="small">{{ words() }}</p>
    <div class="meter" role="progressbar" aria-label="On the way to free shipping" aria-valuemin="0" aria-valuemax="100" [attr.aria-valuenow]="share()">
      <span [style.width.%]="share()"></span>
    </div>
  `,
  styles: `
    :host { display: block; }
    .meter { margin-top: 0.4rem; }
  `,
})
export class FreeShipping {
  /** What the products in the cart come to, and what they must come to. */
  readonly subtotal = input.required<number>();
  readonly from = input.required<number>();
  private readonly missing = computed(() => Math.max(0, toCents(this.from()) - toCents(this.subtotal())));
  protected readonly share = computed(() => Math.min(100, Math.floor((100 * this.subtotal()) / Math.max(this.from(), 0.01))));
  protected readonly words = computed(() =>
    this.missing() === 0 ? "Your order ships free." : `${formatMoney(fromCents(this.missing()))} more, and your order ships free.`,
  );
}
