import { computed, effect, inject, linkedSignal, PendingTasks, Signal, signal, WritableSignal } from "@angular/core";

/**
 * Count a number up, one at a time, as long as `goesOn` says so: each in a task of its own.
 *
 * What is drawn a number at a time keeps no phone from answering to a touch. The page counts as drawn once the count has ended.
 */
function count(number: WritableSignal<number>, goesOn: (number: number) => boolean): void {
  const pending = inject(PendingTasks);
  effect(() => {
    if (!goesOn(number())) return;
    const done = pending.add();
    setTimeout(() => {
      number.update((one) => one + 1);
      done();
    });
  });
}

/** Show a long list a few at a time; one that was emptied begins anew. */
export function growing<T>(all: Signal<readonly T[]>, few: number): Signal<readonly T[]> {
  const number = linkedSignal({ source: () => all().length > 0, computation: () => 1 });
  count(number, (one) => one * few < all().length);
  return computed(() => all().slice(0, number() * few));
}

/** Draw a page in steps, of which 0 is the first and `last` shows the whole; they begin when there is something to show. */
export function steps(last: number, ready: () => boolean): Signal<number> {
  const number = signal(0);
  count(number, (one) => one < last && ready());
  return number;
}
