import { Component, inject } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Problem } from "@kibble/shared";

import { Toasts } from "../core/toasts";
import { Waits } from "./waits";

/** The products that one waits for, among what one is told. */
@Component({
  selector: "kb-waiting",
  imports: [RouterLink],
  template: `
    @if (waits.all(); as all) {
      <section class="box stack list" aria-labelledby="waiting">
        <h2 id="waiting">Back in stock</h2>
        <ul class="stack-2">
          @for (one of all; track one.productId) {
            <li class="row">
              <a [routerLink]="['/p', one.productId]">{{ one.productName }}</a>
              <button class="link" type="button" [attr.aria-label]="'No longer wait for ' + one.productName" (click)="end(one.productId)">No longer</button>
            </li>
          } @empty {
            <li class="quiet">You wait for nothing. Where something is sold out, we can tell you when it is back.</li>
          }
        </ul>
      </section>
    }
  `,
  styles: `.list { margin-top: 1rem; }`,
})
export class Waiting {
  private readonly toasts = inject(Toasts);
  protected readonly waits = inject(Waits);

  protected async end(productId: string): Promise<void> {
    try {
      await this.waits.end(productId);
    } catch (thrown) {
      this.toasts.show(Problem.of(thrown).message);
    }
  }
}
