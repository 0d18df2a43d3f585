import { computed, Signal, signal } from "@angular/core";

/** Which of a list are selected, by id. */
export class Picked<T extends { readonly id: string }> {
  private readonly chosen = signal<ReadonlySet<string>>(new Set());
  /** The items of the list that are selected. */
  readonly items = computed(() => this.list().filter((one) => this.chosen().has(one.id)));
  readonly all = computed(() => this.list().length > 0 && this.items().length === this.list().length);

  /** `list` is what can be selected from: what left it is not selected any more. */
  constructor(private readonly list: Signal<readonly T[]>) {}

  has(id: string): boolean {
    return this.chosen().has(id);
  }

  pick(id: string, on: boolean): void {
    const chosen = new Set(this.chosen());
    if (on) chosen.add(id);
    else chosen.delete(id);
    this.chosen.set(chosen);
  }

  pickAll(on: boolean): void {
    this.chosen.set(new Set(on ? this.list().map((one) => one.id) : []));
  }
}
