import { Component, computed, input, output } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { Problem } from "@kibble/shared";

/** What went wrong with a read, in the problem's own sentence, and a way to try again. */
@Component({
  selector: "kba-trouble",
  imports: [MatButton],
  template: `
    @if (problem(); as problem) {
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
  readonly again = output();
  protected readonly problem = computed(() => (this.of() ? Problem.of(this.of()) : null));
}
