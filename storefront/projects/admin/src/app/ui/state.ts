import { Component, computed, input } from "@angular/core";

import { tone, words } from "../core/texts";

/** A state as a small label; its colour only repeats what the word says. */
@Component({
  selector: "kba-state",
  template: `{{ text() }}`,
  host: { "[class]": "kind()" },
  styles: `
    :host {
      display: inline-block;
      padding: 0 0.5rem;
      border: 1px solid currentColor;
      border-radius: 1rem;
      font-size: 0.75rem;
      line-height: 1.25rem;
      white-space: nowrap;
    }
  `,
})
export class State {
  readonly of = input.required<string>();
  protected readonly text = computed(() => words(this.of()));
  protected readonly kind = computed(() => tone(this.of()));
}
