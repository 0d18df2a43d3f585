import { Component, computed, inject, input, signal } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import { Problem, Session } from "@kibble/shared";

import { Waits } from "../account/waits";
import { Field } from "../ui/field";

/** Under what is sold out: have me told when it is back. */
@Component({
  selector: "kb-tell-me",
  imports: [RouterLink, Field],
  template: `
    @if (!session.customerId()) {
      @if (asked() === productId()) {
        <p class="note" role="status">A message is on its way to {{ email().trim() }}. Use its link within a day, and we tell you when it is back.</p>
      } @else {
        <form class="stack-2" (submit)="ask($event)" novalidate>
          <kb-field name="tell-me" label="E-mail me when it is back" type="email" autocomplete="email" hint="First we ask this address whether it is yours." [required]="true" [error]="refused()" [(value)]="email" />
          <p class="row">
            <button class="button plain" type="submit" [disabled]="busy()">Tell me when it is back</button>
            <a class="small" routerLink="/sign-in" [queryParams]="{ return: router.url }">Or sign in</a>
          </p>
        </form>
      }
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
  /** A guest's address, what is wrong with it, and the product that it was asked about. */
  protected readonly email = signal("");
  protected readonly refused = signal("");
  protected readonly asked = signal<string | null>(null);

  protected async flip(): Promise<void> {
    await this.attempt(() => (this.waiting() ? this.waits.end(this.productId()) : this.waits.begin(this.productId())));
  }

  protected async ask(event: Event): Promise<void> {
    event.preventDefault();
    const productId = this.productId();
    await this.attempt(async () => {
      await this.waits.ask(productId, this.email().trim());
      this.asked.set(productId);
    });
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    this.busy.set(true);
    this.wrong.set("");
    this.refused.set("");
    try {
      await work();
    } catch (thrown) {
      const problem = Problem.of(thrown);
      if (problem.errors.some((one) => one.pointer === "/email")) this.refused.set("Please write a whole address, such as sam@example.com.");
      else this.wrong.set(problem.code === "in-stock" ? "It is back just now: load this page again." : problem.message);
    }
    this.busy.set(false);
  }
}
