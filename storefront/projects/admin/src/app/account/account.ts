import { Component, computed, inject, signal } from "@angular/core";
import { httpResource } from "@angular/common/http";
import { FormsModule } from "@angular/forms";
import { MatButton } from "@angular/material/button";
import { MatFormField, MatHint, MatLabel } from "@angular/material/form-field";
import { MatInput } from "@angular/material/input";
import { Api, AuthenticatorView, FactorsView, Passkeys, PasskeyView, Problem, Session } from "@kibble/shared";

import { accountOf } from "../core/access";
import { Actions } from "../ui/action";
import { Trouble } from "../ui/trouble";

/** One's own account: the password and the second factors. In production nobody works in the shop without both. */
@Component({
  selector: "kba-account",
  imports: [FormsModule, MatButton, MatFormField, MatHint, MatInput, MatLabel, Trouble],
  templateUrl: "./account.html",
  styles: `
    form { display: grid; gap: 0.75rem; max-width: 26rem; }
    p { margin: 0 0 0.75rem; }
    code { user-select: all; overflow-wrap: anywhere; }
    .codes { columns: 2; max-width: 20rem; }
  `,
})
export class Account {
  private readonly api = inject(Api);
  private readonly actions = inject(Actions);
  private readonly session = inject(Session);
  protected readonly account = computed(() => accountOf(this.session.current()));
  protected readonly lacks = computed(() => this.account().mustChangePassword || (this.factors.hasValue() && !this.factors.value().totpSince && !this.factors.value().passkeys.length));
  private readonly path = computed(() => ({ path: { customerId: this.account().accountId ?? "" } }));
  protected readonly factors = httpResource<FactorsView>(() =>
    this.account().accountId ? Api.read("/api/customers/{customerId}/factors", this.path()) : undefined,
  );
  protected readonly passkeys = inject(Passkeys);
  protected readonly name = signal("");
  protected readonly current = signal("");
  protected readonly password = signal("");
  protected readonly code = signal("");
  protected readonly busy = signal(false);
  protected readonly problem = signal<Problem | null>(null);
  protected readonly begun = signal<AuthenticatorView | null>(null);
  protected readonly codes = signal<readonly string[]>([]);

  protected changePassword(): Promise<void> {
    return this.try(async () => {
      await this.api.put("/api/customers/{customerId}/password", { ...this.path(), body: { current: this.current(), password: this.password() } });
      this.current.set("");
      this.password.set("");
      await this.session.renew();
      this.actions.tell("The password is changed; all other sessions have ended.");
    });
  }

  protected begin(): Promise<void> {
    return this.try(async () => this.begun.set(await this.api.post("/api/customers/{customerId}/factors/totp", this.path())));
  }

  protected confirm(): Promise<void> {
    return this.try(async () => {
      const { recoveryCodes } = await this.api.put("/api/customers/{customerId}/factors/totp", { ...this.path(), body: { code: this.code().trim() } });
      this.codes.set(recoveryCodes);
      this.begun.set(null);
      this.code.set("");
      this.factors.reload();
      this.actions.tell("The second factor holds from the next sign-in.");
    });
  }

  protected addPasskey(): Promise<void> {
    return this.try(async () => {
      const added = await this.passkeys.add(this.path().path.customerId, this.name().trim());
      this.codes.set(added.recoveryCodes);
      this.name.set("");
      await this.changed("The passkey is ready.");
    });
  }

  protected renamePasskey(one: PasskeyView): Promise<void> {
    return this.try(async () => {
      const path = { ...this.path().path, passkeyId: one.id };
      await this.api.patch("/api/customers/{customerId}/factors/passkeys/{passkeyId}", { path, body: { name: this.name().trim() } });
      this.name.set("");
      await this.changed("The passkey has a new name.");
    });
  }

  protected removePasskey(one: PasskeyView): Promise<void> {
    return this.try(async () => {
      await this.api.delete("/api/customers/{customerId}/factors/passkeys/{passkeyId}", { path: { ...this.path().path, passkeyId: one.id } });
      await this.changed("The passkey is gone.");
    });
  }

  private async changed(text: string): Promise<void> {
    this.factors.reload();
    await this.session.renew();
    this.actions.tell(text);
  }

  private async try(work: () => Promise<void>): Promise<void> {
    this.busy.set(true);
    this.problem.set(null);
    try {
      await work();
    } catch (thrown) {
      this.problem.set(Problem.of(thrown));
    } finally {
      this.busy.set(false);
    }
  }
}
