import { NgOptimizedImage } from "@angular/common";
import { Component, computed, input, output, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import { MoneyPipe, SubscribedItemView } from "@kibble/shared";

import { Price } from "../ui/price";
import { Quantity } from "../ui/quantity";
import { Swap } from "./swap";
import { dayOf, every, intervals, LineChange, rhythm } from "./words";

/** A line of an Autoship, and what may be done with it. */
@Component({
  selector: "kb-autoship-line",
  imports: [NgOptimizedImage, RouterLink, MoneyPipe, Price, Quantity, Swap],
  template: `
    <div class="stack-2">
      <div class="head">
        @if (item().image; as image) {
          <img [ngSrc]="image" width="64" height="64" sizes="64px" ngSrcset="200w" alt="" />
        }
        <div>
          <a class="strong" [routerLink]="['/p', item().productId]">{{ name() }}</a>
          <p class="small quiet">{{ item().quantity }} × {{ item().price ?? item().agreedPrice | money: currency() }}, {{ rhythm(item()) }}@if (coming()) {; next on {{ dayOf(item().nextDate) }}@if (item().total !== null && item().total !== undefined) {, for <span class="price"><kb-price [amount]="item().total!" [usual]="item().fullTotal" [currency]="currency()" /></span>}}</p>
        </div>
      </div>
      @if (item().waiting; as waiting) {
        <div class="note warn stack-2" role="status">
          @switch (waiting.reason) {
            @case ("price") {
              <p>It costs {{ waiting.price ?? item().price | money: currency() }} now; it was {{ item().agreedPrice | money: currency() }} when you chose it. We leave it out until you say yes, or the price is back.</p>
              <button class="button" type="button" (click)="approved.emit()">Take the new price</button>
            }
            @case ("stock") { <p>It is sold out just now. We send it once it is back.</p> }
            @default { <p>We no longer have it. Choose something else below, or take it out.</p> }
          }
        </div>
      }
      @if (changeable()) {
        <div class="row">
          <kb-quantity [of]="name()" [value]="item().quantity" (chosen)="changed.emit({ quantity: $event })" />
          @if (item().interval; as interval) {
            <select class="input rhythm" [attr.aria-label]="'How often ' + name() + ' comes'" (change)="choose($any($event.target).value)">
              @for (one of choices(); track every(one); let index = $index) {
                <option [value]="index" [selected]="every(one) === every(interval)">{{ every(one) }}</option>
              }
            </select>
          }
          <button class="link" type="button" [attr.aria-expanded]="swapping()" [attr.aria-label]="'Swap ' + name()" (click)="swapping.set(!swapping())">Swap</button>
          @if (!only()) {
            <button class="link danger" type="button" [attr.aria-label]="'Take out ' + name()" (click)="removed.emit()">Take out</button>
          }
        </div>
        @if (swapping()) {
          <kb-swap [itemId]="item().id" (chosen)="swapping.set(false); swapped.emit($event)" />
        }
      }
    </div>
  `,
  styles: `
    .head { display: flex; gap: 0.75rem; align-items: center; }
    .head img { border-radius: var(--radius-small); object-fit: contain; }
    .rhythm { width: auto; }
  `,
})
export class Line {
  readonly item = input.required<SubscribedItemView>();
  readonly currency = input.required<string>();
  /** Whether it goes out by itself: neither paused nor over. */
  readonly coming = input.required<boolean>();
  readonly changeable = input.required<boolean>();
  /** Whether it is the last line, which is not taken out: then the Autoship is cancelled instead. */
  readonly only = input.required<boolean>();
  readonly changed = output<LineChange>();
  readonly removed = output();
  /** The product that is to come in its place. */
  readonly swapped = output<string>();
  readonly approved = output();
  protected readonly swapping = signal(false);
  protected readonly name = computed(() => this.item().name ?? "A product");
  protected readonly choices = computed(() => intervals(this.item().interval));
  protected readonly every = every;
  protected readonly rhythm = rhythm;
  protected readonly dayOf = dayOf;

  protected choose(index: string): void {
    const interval = this.choices()[Number(index)];
    if (interval) this.changed.emit({ interval });
  }
}
