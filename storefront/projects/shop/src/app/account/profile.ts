import { Component, effect, inject, signal } from "@angular/core";
import { Api, Problem } from "@kibble/shared";

import { Head } from "../core/head";
import { Toasts } from "../core/toasts";
import { Field } from "../ui/field";
import { Me } from "./me";

/** Who one is: name, address of mail, telephone, password. */
@Component({
  selector: "kb-profile",
  imports: [Field],
  template: `
    <h1>Profile</h1>
    @if (me.customer(); as customer) {
      @if (!customer.emailVerified) {
        <p class="note warn">Your e-mail address is not proven yet. <button class="link" type="button" (click)="prove(customer.email)">Send the link again</button></p>
      }
      <form class="box stack form" (submit)="save($event)" novalidate>
        <kb-field name="name" label="Name" autocomplete="name" [error]="problem()?.at('/name')" [(value)]="name" />
        <kb-field name="email" label="E-mail" type="email" autocomplete="email" [hint]="customer.pendingEmail ? 'Becomes ' + customer.pendingEmail + ' once you follow the link in the mail.' : null" [error]="problem()?.at('/email')" [(value)]="email" />
        <kb-field name="phone" label="Telephone" type="tel" autocomplete="tel" hint="For the carrier, should it have a question." [error]="problem()?.at('/phone')" [(value)]="phone" />
        @if (problem() && problem()!.errors.length === 0) {
          <p class="note bad" role="alert">{{ problem()!.message }}</p>
        }
        <button class="button" type="submit">Save</button>
      </form>
      <p class="section-small"><button class="link" type="button" (click)="reset(customer.email)">Send me a link to change my password</button></p>
    }
  `,
  styles: `.form { margin-top: 1rem; max-width: 36rem; }`,
})
export class Profile {
  private readonly api = inject(Api);
  private readonly toasts = inject(Toasts);
  protected readonly me = inject(Me);
  protected readonly name = signal("");
  protected readonly email = signal("");
  protected readonly phone = signal("");
  protected readonly problem = signal<Problem | null>(null);

  constructor() {
    inject(Head).tell({ title: "Profile" });
    effect(() => {
      const customer = this.me.customer();
      if (!customer) return;
      this.name.set(customer.name ?? "");
      this.email.set(customer.email);
      this.phone.set(customer.phone ?? "");
    });
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    const body = { name: this.name().trim() || null, email: this.email().trim(), phone: this.phone().trim() || null };
    this.problem.set(await this.me.change(body, "Saved."));
  }

  protected async prove(email: string): Promise<void> {
    await this.ask(() => this.api.post("/api/customers/verify-email", { body: { email } }));
  }

  protected async reset(email: string): Promise<void> {
    await this.ask(() => this.api.post("/api/customers/password-reset", { body: { email } }));
  }

  private async ask(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.toasts.show("A link is on its way to you.");
    } catch (thrown) {
      this.toasts.show(Problem.of(thrown).message);
    }
  }
}
