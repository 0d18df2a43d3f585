import { Component, computed, inject, input, signal } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import { Api, Problem, Session } from "@kibble/shared";

import { Head } from "../core/head";
import { Field } from "../ui/field";
import { SecondLook } from "../ui/second-look";

interface Body {
  readonly username: string;
  readonly email: string;
  readonly password: string;
}

/** Return the field that a pointer leads to. */
function fieldOf(pointer: string): keyof Body {
  return pointer.slice(1) as keyof Body;
}

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
  private readonly told = computed<Body>(() => ({ username: this.username(), email: this.email(), password: this.password() }));
  private readonly refused = signal<{ readonly told: Body; readonly why: Readonly<Record<string, string>> }>({ told: this.told(), why: {} });
  /** What is wrong with a field holds until it is told otherwise. */
  protected readonly errors = computed<Readonly<Record<string, string>>>(() => {
    const { told, why } = this.refused();
    return Object.fromEntries(Object.entries(why).filter(([pointer]) => told[fieldOf(pointer)] === this.told()[fieldOf(pointer)]));
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
    this.refuse({});
    try {
      const { username, email, password } = this.told();
      const body = { username: username.trim(), email: email.trim(), password };
      await this.api.post("/api/customers", { body });
      await this.session.signIn({ username: body.username, password: body.password });
      await this.router.navigateByUrl(this.return()?.match(/^\/(?![/\\])/) ? this.return()! : "/account/profile");
    } catch (thrown) {
      this.tell(Problem.of(thrown));
    }
    this.busy.set(false);
  }

  private tell(problem: Problem): void {
    if (problem.status === 409) this.refuse({ "/username": "This name is taken." });
    else if (problem.code === "wrong-credentials") this.wrong.set("Look into your mail: we sent you how to go on.");
    else if (problem.errors.length === 0) this.wrong.set(problem.message);
    else this.refuse(Object.fromEntries(problem.errors.map((error) => [error.pointer, error.detail])));
  }

  private refuse(why: Readonly<Record<string, string>>): void {
    this.refused.set({ told: this.told(), why });
  }
}
