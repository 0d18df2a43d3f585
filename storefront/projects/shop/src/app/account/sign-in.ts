import { Component, inject, input, signal } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import { Passkeys, Problem, Session } from "@kibble/shared";

import { Head } from "../core/head";
import { Field } from "../ui/field";

/** The sign-in form, with the second factor when the account has one. */
@Component({
  selector: "kb-sign-in",
  imports: [RouterLink, Field],
  template: `
    <div class="wide">
      <form class="narrow box stack" (submit)="send($event)" novalidate>
        <h1>Sign in</h1>
        @if (wrong(); as wrong) {
          <p class="note bad" role="alert">{{ wrong }}</p>
        }
        <kb-field name="username" label="Username or e-mail" autocomplete="username" [required]="true" [(value)]="username" />
        <kb-field name="password" label="Password" type="password" autocomplete="current-password" [required]="true" [(value)]="password" />
        @if (second()) {
          <kb-field name="code" label="Code from your app, or a recovery code" autocomplete="one-time-code" inputmode="numeric" [required]="true" [(value)]="code" />
        }
        <button class="button full big" type="submit" [attr.aria-disabled]="busy()">{{ busy() ? "One moment…" : "Sign in" }}</button>
        @if (passkeys.offered) {<button class="button plain full" type="button" [attr.aria-disabled]="busy()" (click)="unlock()">Sign in with a passkey</button>}
        <div class="spread small"><a routerLink="/reset-password">I forgot my password</a><a routerLink="/register" [queryParams]="{ return: return() }">Open an account</a></div>
      </form>
    </div>
  `,
})
export class SignIn {
  private readonly session = inject(Session);
  protected readonly passkeys = inject(Passkeys);
  private readonly router = inject(Router);
  /** Where to go after; a path of this shop. */
  readonly return = input<string>();
  protected readonly username = signal("");
  protected readonly password = signal("");
  protected readonly code = signal("");
  protected readonly second = signal(false);
  protected readonly wrong = signal("");
  protected readonly busy = signal(false);

  constructor() {
    inject(Head).tell({ title: "Sign in" });
  }

  protected async send(event: Event): Promise<void> {
    event.preventDefault();
    if (this.busy()) return;
    if (!this.username().trim() || !this.password()) {
      this.wrong.set("We need your username and your password.");
      return;
    }
    const code = this.second() ? this.code().trim() : undefined;
    await this.enter(() => this.session.signIn({ username: this.username().trim(), password: this.password(), code }));
  }

  protected async unlock(): Promise<void> {
    if (!this.busy()) await this.enter(() => this.passkeys.signIn());
  }

  private async enter(how: () => Promise<unknown>): Promise<void> {
    this.busy.set(true);
    try {
      await how();
      await this.goOn();
    } catch (thrown) {
      this.tell(Problem.of(thrown));
    }
    this.busy.set(false);
  }

  /** Go back to where the visitor came from; only within this shop, and outside the pages only for the API's consent. */
  private async goOn(): Promise<void> {
    const to = this.return() ?? "/account";
    if (!/^\/(?![/\\])/.test(to)) await this.router.navigate(["/account"]);
    else if (to.startsWith("/oauth2/") || to.startsWith("/admin")) location.assign(to);
    else await this.router.navigateByUrl(to);
  }

  private tell(problem: Problem): void {
    if (problem.code === "second-factor-required") {
      this.wrong.set(this.second() ? "This code does not fit." : "");
      this.second.set(true);
    } else if (problem.code === "wrong-credentials") this.wrong.set("Username and password do not fit.");
    else if (problem.status === 429) this.wrong.set(`Too many tries. Wait ${problem.retryAfterSeconds ?? 60} seconds.`);
    else this.wrong.set(problem.message);
  }
}
