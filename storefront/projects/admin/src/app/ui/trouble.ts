import { Component, computed, input, output } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { RouterLink } from "@angular/router";
import { Problem } from "@kibble/shared";

/**
 * What went wrong with a read, in the problem's own sentence, and a way to try again.
 *
 * On the page of one `thing`, one that does not exist is said in the page's heading, with the way `back` to the list.
 */
@Component({
  selector: "kba-trouble",
  imports: [MatButton, RouterLink],
  template: `
    @if (thing() && problem()?.status === 404) {
      <div class="page-head"><h1>{{ thing() }} not found</h1></div>
      <section class="panel" role="alert">
        There is none at this address: it may be mistyped, or gone by now. <a [routerLink]="back()">To the list</a>
      </section>
    } @else if (problem(); as problem) {
      <div class="trouble" role="alert">
        <span>{{ problem.message }}</span>
        <button mat-button type="button" (click)="again.emit()">Try again</button>
      </div>
    }
  `,
  styles: `
    .trouble {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 0.5rem;
      padding: 0.25rem 0.75rem;
      margin-bottom: 1rem;
      border: 1px solid var(--bad);
      border-radius: 0.5rem;
      color: var(--bad);
    }
  `,
})
export class Trouble {
  readonly of = input.required<unknown>();
  readonly thing = input<string>();
  readonly back = input<string>();
  readonly again = output();
  protected readonly problem = computed(() => (this.of() ? Problem.of(this.of()) : null));
}
