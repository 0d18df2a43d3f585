import { Component, computed, inject, input, signal } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import { Problem, Session } from "@kibble/shared";

import { Waits } from "../account/waits";

/** Under what is sold out: have me told when it is back. */
@Component({
  selector: "kb-tell-me",
  imports: [RouterLink],
  template: `
    @if (!session.customerId()) {
      <p><a class="button plain" routerLink="/sign-in" [queryParams]="{ return: router.url }">Sign in, and we tell you when it is back</a></p>
    } @else if (waiting()) {
      <p class="row" role="status">We will tell you when it is back. <button class="link" type="button" [disabled]="busy()" (click)="flip()">No longer</button></p>
    } @else {
      <p><button class="button plain" type="button" [disabled]="busy()" (click)="flip()">Tell me when it is back</button></p>
    }
    @if (wrong(); as wrong) {
      <p class="note bad" role="alert">{{ wrong }}</p>
    }
  `,
})
export class TellMe {
  private readonly waits = inject(Waits);
  protected readonly session = inject(Session);
  protected readonly router = inject(Router);
  /** The product or the variant that is sold out. */
  readonly productId = input.required<string>();
  protected readonly waiting = computed(() => this.waits.has(this.productId()));
  protected readonly busy = signal(false);
  protected readonly wrong = signal("");

  protected async flip(): Promise<void> {
    this.busy.set(true);
    this.wrong.set("");
    try {
      if (this.waiting()) await this.waits.end(this.productId());
      else await this.waits.begin(this.productId());
    } catch (thrown) {
      const problem = Problem.of(thrown);
      this.wrong.set(problem.code === "in-stock" ? "It is back just now: load this page again." : problem.message);
    }
    this.busy.set(false);
  }
}
