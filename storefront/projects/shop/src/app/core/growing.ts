import { effect, inject, PendingTasks, Signal, computed, signal } from "@angular/core";

/**
 * Show a long list a few at a time, each few in a task of its own: no task keeps a phone from answering to a touch.
 *
 * The page counts as drawn once the whole list is there.
 */
export function growing<T>(all: Signal<readonly T[]>, few: number): Signal<readonly T[]> {
  const pending = inject(PendingTasks);
  const most = signal(few);
  effect(() => {
    if (most() >= all().length) return;
    const done = pending.add();
    setTimeout(() => {
      most.update((number) => number + few);
      done();
    });
  });
  return computed(() => all().slice(0, most()));
}
