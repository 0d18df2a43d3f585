import { Component, inject, signal } from "@angular/core";
import { Api, Problem, Session } from "@kibble/shared";

import { Toasts } from "../core/toasts";
import { Field } from "../ui/field";

/** A new password, for who knows the one before. */
@Component({
  selector: "kb-change-password",
  imports: [Field],
  template: `
    <form class="box stack" aria-labelledby="password-title" (submit)="save($event)" novalidate>
      <h2 id="password-title">Password</h2>
      <kb-field name="current" label="Password until now" type="password" autocomplete="current-password" [required]="true" [error]="wrong()?.at('/current') ? 'This is not your password until now.' : null" [(value)]="current" />
      <kb-field name="new" label="New password" type="password" autocomplete="new-password" hint="8 characters or more; a few words are best." [required]="true" [error]="wrong()?.at('/password')" [(value)]="next" />
      @if (wrong() && wrong()!.errors.length === 0) {
        <p class="note bad" role="alert">{{ wrong()!.message }}</p>
      }
      <p class="small quiet">All other devices are signed out.</p>
      <button class="button" type="submit" [attr.aria-disabled]="busy()">Change my password</button>
    </form>
  `,
})
export class ChangePassword {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly toasts = inject(Toasts);
  protected readonly current = signal("");
  protected readonly next = signal("");
  protected readonly wrong = signal<Problem | null>(null);
  protected readonly busy = signal(false);

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    const customerId = this.session.customerId();
    if (this.busy() || !customerId) return;
    this.busy.set(true);
    try {
      const body = { current: this.current(), password: this.next() };
      await this.api.put("/api/customers/{customerId}/password", { path: { customerId }, body });
      this.wrong.set(null);
      this.current.set("");
      this.next.set("");
      this.toasts.show("Your password is changed.");
    } catch (thrown) {
      this.wrong.set(Problem.of(thrown));
    }
    this.busy.set(false);
  }
}
