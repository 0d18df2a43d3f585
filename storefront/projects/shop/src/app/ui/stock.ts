import { Component, computed, input } from "@angular/core";

const FEW = 5;

/** Whether there is some, in words. */
@Component({ selector: "kb-stock", template: `<span class="tag" [class]="kind()">{{ words() }}</span>` })
export class Stock {
  readonly left = input.required<number>();
  protected readonly kind = computed(() => (this.left() <= 0 ? "none" : this.left() <= FEW ? "low" : "good"));
  protected readonly words = computed(() =>
    this.left() <= 0 ? "Sold out" : this.left() <= FEW ? `Only ${this.left()} left` : "In stock",
  );
}
