import { computed, effect, inject, PendingTasks, Signal, signal } from "@angular/core";

/**
 * Count up, one at a time, as long as `goesOn` says so: each number in a task of its own.
 *
 * What is drawn a number at a time keeps no phone from answering to a touch. The page counts as drawn once the count has ended.
 */
function counting(goesOn: (number: number) => boolean): Signal<number> {
  const pending = inject(PendingTasks);
  const number = signal(0);
  effect(() => {
    if (!goesOn(number())) return;
    const done = pending.add();
    setTimeout(() => {
      number.update((one) => one + 1);
      done();
    });
  });
  return number;
}

/** Show a long list a few at a time. */
export function growing<T>(all: Signal<readonly T[]>, few: number): Signal<readonly T[]> {
  const number = counting((one) => (one + 1) * few < all().length);
  return computed(() => all().slice(0, (number() + 1) * few));
}

/** Draw a page in steps, of which 0 is the first and `last` shows the whole; they begin when there is something to show. */
export function steps(last: number, ready: () => boolean): Signal<number> {
  return counting((one) => one < last && ready());
}
