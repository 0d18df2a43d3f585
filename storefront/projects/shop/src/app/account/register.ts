import { Component, computed, inject, input, signal } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import { Api, Problem, Session } from "@kibble/shared";

import { Head } from "../core/head";
import { Refusals } from "../core/refusals";
import { Field } from "../ui/field";
import { SecondLook } from "../ui/second-look";

/** Opening an account: three fields, and one is signed in. */
@Component({
  selector: "kb-register",
  imports: [RouterLink, Field, SecondLook],
  template: `
    <div class="wide">
      <form class="narrow box stack" (submit)="send($event)" novalidate>
        <h1>Open an account</h1>
        <p class="quiet">Order in two taps, watch your parcels, keep your pets' sizes in one place.</p>
        @if (wrong(); as wrong) {
          <p class="note bad" role="alert">{{ wrong }}</p>
        }
        <kb-second-look [fields]="left()" />
        <kb-field name="username" label="Username" autocomplete="username" [required]="true" [error]="errors()['/username']" [(value)]="username" />
        <kb-field name="email" label="E-mail" type="email" autocomplete="email" [required]="true" [error]="errors()['/email']" [(value)]="email" />
        <kb-field name="password" label="Password" type="password" autocomplete="new-password" hint="Eight characters or more." [required]="true" [error]="errors()['/password']" [(value)]="password" />
        <button class="button full big" type="submit" [attr.aria-disabled]="busy()">{{ busy() ? "One moment…" : "Open my account" }}</button>
        <p class="small">You have one? <a routerLink="/sign-in" [queryParams]="{ return: return() }">Sign in</a></p>
      </form>
    </div>
  `,
})
export class Register {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  readonly return = input<string>();
  protected readonly username = signal("");
  protected readonly email = signal("");
  protected readonly password = signal("");
  private readonly values = { "/username": this.username, "/email": this.email, "/password": this.password } as const;
  private readonly refused = new Refusals((pointer) => this.values[pointer as keyof typeof this.values]?.() ?? "");
  protected readonly errors = computed<Readonly<Record<string, string>>>(() => {
    const found = Object.keys(this.values).map((pointer) => [pointer, this.refused.of(pointer) ?? ""] as const);
    return Object.fromEntries(found.filter(([, detail]) => detail));
  });
  protected readonly left = computed(() => Object.keys(this.errors()).length);
  protected readonly wrong = signal("");
  protected readonly busy = signal(false);

  constructor() {
    inject(Head).tell({ title: "Open an account" });
  }

  protected async send(event: Event): Promise<void> {
    event.preventDefault();
    if (this.busy()) return;
    this.busy.set(true);
    this.wrong.set("");
    this.refused.tell([]);
    try {
      const body = { username: this.username().trim(), email: this.email().trim(), password: this.password() };
      await this.api.post("/api/customers", { body });
      await this.session.signIn({ username: body.username, password: body.password });
      await this.router.navigateByUrl(this.return()?.match(/^\/(?![/\\])/) ? this.return()! : "/account/profile");
    } catch (thrown) {
      this.tell(Problem.of(thrown));
    }
    this.busy.set(false);
  }

  private tell(problem: Problem): void {
    this.refused.tell(problem.status === 409 ? [{ pointer: "/username", detail: "This name is taken." }] : problem.errors);
    if (this.left() > 0) return;
    this.wrong.set(problem.code === "wrong-credentials" ? "Look into your mail: we sent you how to go on." : problem.message);
  }
}
