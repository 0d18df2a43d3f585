import { Component, inject } from "@angular/core";
import { takeUntilDestroyed } from "@angular/core/rxjs-interop";
import { NavigationEnd, Router, RouterLink } from "@angular/router";

import { Toasts } from "../core/toasts";

/** Where short messages show; a screen reader says them. */
@Component({
  selector: "kb-toasts",
  imports: [RouterLink],
  template: `
    <div class="toasts" role="status" aria-live="polite">
      @for (toast of toasts.shown(); track toast.id) {
        <div class="toast">
          <span>{{ toast.text }}</span>
          @if (toast.link; as link) {
            <a [routerLink]="link.to" (click)="toasts.dismiss(toast.id)">{{ link.text }}</a>
          }
          @if (toast.undo; as undo) {
            <button class="link" type="button" (click)="toasts.dismiss(toast.id); undo()">Undo</button>
          }
        </div>
      }
    </div>
  `,
})
export class ToastList {
  protected readonly toasts = inject(Toasts);

  constructor() {
    // On a phone it would cover the button that one has come for.
    inject(Router)
      .events.pipe(takeUntilDestroyed())
      .subscribe((event) => event instanceof NavigationEnd && this.toasts.arrive());
  }
}
