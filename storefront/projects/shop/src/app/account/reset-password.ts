import { Component, inject, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Api, Problem } from "@kibble/shared";

import { Head } from "../core/head";
import { linkToken } from "../core/link-token";
import { Field } from "../ui/field";

/** A new password: a link by mail first, then the new one. The link's token stands behind the #, which no server sees. */
@Component({
  selector: "kb-reset-password",
  imports: [RouterLink, Field],
  template: `
    <div class="wide">
      <form class="narrow box stack" (submit)="send($event)" novalidate>
        <h1>{{ token ? "Set a new password" : "Forgot your password?" }}</h1>
        @if (done(); as done) {
          <p class="note" role="status">{{ done }}</p>
          <a class="button" routerLink="/sign-in">To the sign-in</a>
        } @else {
          @if (wrong(); as wrong) {
            <p class="note bad" role="alert">{{ wrong }}</p>
          }
          @if (token) {
            <kb-field name="password" label="New password" type="password" autocomplete="new-password" hint="Eight characters or more." [required]="true" [(value)]="value" />
          } @else {
            <kb-field name="email" label="Your e-mail" type="email" autocomplete="email" [required]="true" [(value)]="value" />
          }
          <button class="button full big" type="submit">{{ token ? "Set it" : "Send me a link" }}</button>
        }
      </form>
    </div>
  `,
})
export class ResetPassword {
  private readonly api = inject(Api);
  protected readonly token = linkToken();
  protected readonly value = signal("");
  protected readonly wrong = signal("");
  protected readonly done = signal("");

  constructor() {
    inject(Head).tell({ title: "New password" });
  }

  protected async send(event: Event): Promise<void> {
    event.preventDefault();
    try {
      const body = this.token ? { token: this.token, password: this.value() } : { email: this.value().trim() };
      await this.api.post("/api/customers/password-reset", { body });
      this.done.set(this.token ? "Your new password holds. All other sessions have ended." : "If there is such an account, a link is on its way.");
    } catch (thrown) {
      const problem = Problem.of(thrown);
      this.wrong.set(problem.errors[0]?.detail ?? problem.message);
    }
  }
}
