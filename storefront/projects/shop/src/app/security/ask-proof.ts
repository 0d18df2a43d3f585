import { Component, effect, ElementRef, inject, signal } from "@angular/core";
import { Passkeys, Problem } from "@kibble/shared";

import { Field } from "../ui/field";
import { Proof } from "./proof";

/** Asks for the password again, with the second factor's code where the account has one. */
@Component({
  selector: "kb-ask-proof",
  imports: [Field],
  template: `
    @if (proof.asking()) {
      <div class="box" role="alertdialog" aria-labelledby="prove"><form class="stack" (submit)="send($event)" novalidate>
        <h2 id="prove">Is it you?</h2>
        <p>It has been a while since you signed in. Your password, once more:</p>
        @if (wrong(); as wrong) {
          <p class="note bad" role="alert">{{ wrong }}</p>
        }
        <kb-field name="proof" label="Your password" type="password" autocomplete="current-password" [required]="true" [(value)]="password" />
        @if (second()) {
          <kb-field name="proof-code" label="Code from your app, or a recovery code" autocomplete="one-time-code" [required]="true" [(value)]="code" />
        }
        <div class="row"><button class="button" type="submit">Go on</button>@if (passkeys.offered) {<button class="button plain" type="button" (click)="unlock()">Use a passkey</button>}<button class="button plain" type="button" (click)="proof.dismiss()">Never mind</button></div>
      </form></div>
    }
  `,
})
export class AskProof {
  protected readonly proof = inject(Proof);
  protected readonly passkeys = inject(Passkeys);
  protected readonly password = signal("");
  protected readonly code = signal("");
  protected readonly second = signal(false);
  protected readonly wrong = signal("");
  private readonly element = inject<ElementRef<HTMLElement>>(ElementRef);

  constructor() {
    effect(() => {
      if (this.proof.asking()) setTimeout(() => this.element.nativeElement.querySelector("input")?.focus());
    });
  }

  protected async send(event: Event): Promise<void> {
    event.preventDefault();
    try {
      await this.proof.prove(this.password(), this.second() ? this.code().trim() : "");
      this.wrong.set("");
      this.second.set(false);
    } catch (thrown) {
      this.tell(Problem.of(thrown));
    }
    this.code.set("");
    if (!this.second()) this.password.set("");
  }

  protected async unlock(): Promise<void> {
    try {
      await this.passkeys.signIn();
      this.proof.proven();
      this.wrong.set("");
    } catch (thrown) {
      this.wrong.set(Problem.of(thrown).message);
    }
  }

  private tell(problem: Problem): void {
    if (problem.code === "second-factor-required") {
      this.wrong.set(this.second() ? "This code does not fit." : "");
      this.second.set(true);
    } else this.wrong.set(problem.code === "wrong-credentials" ? "This is not your password." : problem.message);
  }
}
