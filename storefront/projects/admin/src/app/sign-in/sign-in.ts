import { Component, inject, input, signal } from "@angular/core";
import { FormsModule } from "@angular/forms";
import { MatButton } from "@angular/material/button";
import { MatFormField, MatLabel } from "@angular/material/form-field";
import { MatInput } from "@angular/material/input";
import { Router } from "@angular/router";
import { Passkeys, Problem, Session, SessionView } from "@kibble/shared";

import { isUnproven, menuFor } from "../core/access";

/** Signs staff in: by passkey, by password with a second factor, or by a token of the command line. */
@Component({
  selector: "kba-sign-in",
  imports: [FormsModule, MatButton, MatFormField, MatInput, MatLabel],
  template: `
    <h1>Kibble back office</h1>
    <p class="quiet">For the shop's staff.</p>
    @if (refused(); as text) { <p class="bad" role="alert">{{ text }}</p> }
    @if (byToken()) {
      <form class="panel" (ngSubmit)="enterByToken()">
        <mat-form-field>
          <mat-label>Token</mat-label>
          <textarea matInput name="token" rows="4" required [(ngModel)]="token" autocomplete="off" spellcheck="false"></textarea>
        </mat-form-field>
        <p class="quiet">As <code>kibble token --client NAME --scope "..."</code> prints it.</p>
        <button mat-flat-button type="submit" [disabled]="busy() || !token()">Sign in</button>
      </form>
    } @else {
      <form class="panel" (ngSubmit)="enter()">
        <mat-form-field>
          <mat-label>Username</mat-label>
          <input matInput name="username" required [(ngModel)]="username" autocomplete="username" autocapitalize="none" />
        </mat-form-field>
        <mat-form-field>
          <mat-label>Password</mat-label>
          <input matInput name="password" type="password" required [(ngModel)]="password" autocomplete="current-password" />
        </mat-form-field>
        @if (wantsCode()) {
          <mat-form-field>
            <mat-label>Code of your authenticator, or a recovery code</mat-label>
            <input matInput id="code" name="code" required [(ngModel)]="code" autocomplete="one-time-code" />
          </mat-form-field>
        }
        <button mat-flat-button type="submit" [disabled]="busy() || !username() || !password()">Sign in</button>
        @if (passkeys.offered) { <button mat-stroked-button type="button" [disabled]="busy()" (click)="unlock()">{{ wantsCode() ? "Use a passkey instead of a code" : "Sign in with a passkey" }}</button> }
      </form>
    }
    <button mat-button type="button" (click)="byToken.set(!byToken())">{{ byToken() ? "Sign in with a password" : "Sign in with a token" }}</button>
  `,
  styles: `
    :host { display: block; padding-top: 10vh; }
    form { display: grid; gap: 0.75rem; }
    p { margin: 0.25rem 0 1rem; }
    form p { margin: 0; }
  `,
})
export class SignIn {
  readonly return = input("");
  protected readonly username = signal("");
  protected readonly password = signal("");
  protected readonly code = signal("");
  protected readonly token = signal("");
  protected readonly byToken = signal(false);
  protected readonly wantsCode = signal(false);
  protected readonly busy = signal(false);
  protected readonly refused = signal("");
  private readonly session = inject(Session);
  protected readonly passkeys = inject(Passkeys);
  private readonly router = inject(Router);

  protected enter(): Promise<void> {
    const code = this.code().trim();
    const given = { username: this.username(), password: this.password(), ...(code ? { code } : {}) };
    return this.open(() => this.session.signIn(given));
  }

  protected unlock(): Promise<void> {
    if (!this.wantsCode()) return this.open(() => this.passkeys.signIn());
    const given = { username: this.username(), password: this.password() };
    return this.open(async () => this.session.signIn({ ...given, passkey: await this.passkeys.sign() }));
  }

  protected enterByToken(): Promise<void> {
    return this.open(() => this.session.signInByToken(this.token().trim()));
  }

  private async open(how: () => Promise<SessionView>): Promise<void> {
    this.busy.set(true);
    this.refused.set("");
    try {
      const view = await how();
      if (isUnproven(view)) await this.router.navigate(["/account"]);
      else if (menuFor(view.scopes).length === 0) this.refused.set("This account is not one of the shop's staff.");
      else await this.router.navigateByUrl(this.return() || "/");
    } catch (thrown) {
      this.tell(Problem.of(thrown));
    } finally {
      this.busy.set(false);
    }
  }

  private tell(problem: Problem): void {
    if (problem.code === "second-factor-required" && !this.wantsCode()) {
      this.wantsCode.set(true);
      queueMicrotask(() => setTimeout(() => document.getElementById("code")?.focus()));
      return;
    }
    const wait = problem.retryAfterSeconds;
    this.refused.set(wait ? `${problem.message} Try again in ${wait} seconds.` : problem.message);
  }
}
