import { signal } from "@angular/core";

/** What the shop refused of what was typed: it holds while the field is as it was then. */
export class Refusals {
  private readonly told = signal<Readonly<Record<string, { readonly detail: string; readonly value: string }>>>({});

  /** `valueAt` reads what a pointer's field has now, from signals. */
  constructor(private readonly valueAt: (pointer: string) => string) {}

  /** Keep what was refused in place of what was before. */
  tell(errors: readonly { readonly pointer: string; readonly detail: string }[]): void {
    this.told.set(Object.fromEntries(errors.map(({ pointer, detail }) => [pointer, { detail, value: this.valueAt(pointer) }])));
  }

  /** Return why a field was refused; null for one that was not, or that is another by now. */
  of(pointer: string): string | null {
    const told = this.told()[pointer];
    return told?.value === this.valueAt(pointer) ? told.detail : null;
  }
}
