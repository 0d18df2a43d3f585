import { Injectable, signal } from "@angular/core";

/** A short message that leaves by itself. */
export interface Toast {
  readonly id: number;
  readonly text: string;
  readonly link?: { readonly text: string; readonly to: string };
  /** What takes back what it tells of. */
  readonly undo?: () => void;
}

const STAYS_MS = 10_000;

/** The messages at the foot of the page; screen readers hear them too. */
@Injectable({ providedIn: "root" })
export class Toasts {
  private readonly list = signal<readonly Toast[]>([]);
  private last = 0;
  /** The messages that show now. */
  readonly shown = this.list.asReadonly();

  /** Show a message for ten seconds, in place of the one before. */
  show(text: string, more: Pick<Toast, "link" | "undo"> = {}): void {
    const toast: Toast = { id: ++this.last, text, ...more };
    this.list.set([toast]);
    setTimeout(() => this.dismiss(toast.id), STAYS_MS);
  }

  /** Take away the messages that lead to a page or take something back, for one who has come there or further. */
  arrive(): void {
    this.list.update((list) => list.filter((toast) => !toast.link && !toast.undo));
  }

  /** Take a message away. */
  dismiss(id: number): void {
    this.list.update((list) => list.filter((toast) => toast.id !== id));
  }
}
