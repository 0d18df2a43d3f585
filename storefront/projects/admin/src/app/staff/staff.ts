import { DatePipe } from "@angular/common";
import { httpResource } from "@angular/common/http";
import { Component, inject, signal } from "@angular/core";
import { MatButton } from "@angular/material/button";
import { MatProgressBar } from "@angular/material/progress-bar";
import { Api, ChangeStaff, Problem, StaffView } from "@kibble/shared";

import { Actions, Field, Values } from "../ui/action";
import { Trouble } from "../ui/trouble";

const ROLES = [
  { role: "support", may: "orders, customers, messages" },
  { role: "merchandiser", may: "catalogue, promotions" },
  { role: "warehouse", may: "stock, parcels" },
  { role: "finance", may: "payments, refunds" },
  { role: "admin", may: "everything" },
] as const;

type Roles = NonNullable<ChangeStaff["roles"]>;

/** Who runs the shop: their roles, new accounts, new passwords. */
@Component({
  selector: "kba-staff",
  imports: [DatePipe, MatButton, MatProgressBar, Trouble],
  template: `
    <div class="page-head"><h1>Staff</h1><span class="grow"></span><button mat-flat-button type="button" (click)="hire()">New account…</button></div>
    @if (handed(); as secret) {
      <section class="panel" role="status">The first password of <strong>{{ secret.username }}</strong> is <code class="secret">{{ secret.password }}</code>. It is shown once; it has to be changed at the first sign-in.</section>
    }
    <kba-trouble [of]="all.error()" (again)="all.reload()" />
    @if (all.isLoading() && !all.hasValue()) { <mat-progress-bar mode="indeterminate" aria-label="Loading" /> }
    @if (all.hasValue()) {
      <section class="panel">
        <table class="grid stacks">
          <thead><tr><th scope="col">Name</th><th scope="col">Username</th><th scope="col">Roles</th><th scope="col">Since</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
          <tbody>
            @for (one of all.value(); track one.id) {
              <tr>
                <td>{{ one.name }} @if (one.disabled) { <span class="bad">(shut)</span> }</td>
                <td data-label="Username">{{ one.username }}</td>
                <td data-label="Roles">{{ one.roles.join(", ") }}</td>
                <td data-label="Since">{{ one.createdAt | date: "MMM d, y" }}</td>
                <td>
                  <button mat-button type="button" (click)="roles(one)">Roles…<span class="visually-hidden"> of {{ one.username }}</span></button>
                  <button mat-button type="button" (click)="password(one)">New password…<span class="visually-hidden"> for {{ one.username }}</span></button>
                  <button mat-button type="button" (click)="shut(one)">{{ one.disabled ? "Open" : "Shut" }}…<span class="visually-hidden"> {{ one.username }}</span></button>
                </td>
              </tr>
            }
          </tbody>
        </table>
        @if (!all.value().length) { <p class="empty">Nobody has an account yet.</p> }
      </section>
    }
  `,
  styles: `.secret { user-select: all; padding: 0.125rem 0.375rem; background: var(--ground); border-radius: 0.25rem; }`,
})
export class Staff {
  private readonly api = inject(Api);
  private readonly actions = inject(Actions);
  protected readonly handed = signal<StaffView | null>(null);
  protected readonly all = httpResource<StaffView[]>(() => Api.read("/api/staff"));

  protected async hire(): Promise<void> {
    await this.act(
      this.actions.ask({
        title: "New account",
        says: ["It gets a password for the first sign-in, which is shown once."],
        confirm: "Make the account",
        fields: [
          { name: "username", label: "Username", kind: "text", required: true },
          { name: "name", label: "Name", kind: "text" },
          ...roleFields([]),
        ],
        run: (values, idempotencyKey) =>
          this.api.post("/api/staff", { body: { username: values["username"] ?? "", name: values["name"] || null, roles: rolesOf(values) }, idempotencyKey }),
        done: (one) => `${one.username} may sign in.`,
      }),
    );
  }

  protected async roles(one: StaffView): Promise<void> {
    await this.act(
      this.actions.ask({
        title: `Roles of ${one.username}`,
        says: ["They hold from the next renewal of the person's session, within minutes."],
        confirm: "Save",
        fields: roleFields(one.roles),
        run: (values) => this.api.patch("/api/staff/{staffId}", { path: { staffId: one.id }, body: { roles: rolesOf(values) } }),
        done: (changed) => `${changed.username}: ${changed.roles.join(", ")}.`,
      }),
    );
  }

  protected async password(one: StaffView): Promise<void> {
    await this.act(
      this.actions.ask({
        title: `New password for ${one.username}`,
        says: ["The old password and all sessions of the account end. The new one is shown once."],
        confirm: "Make a new password",
        danger: true,
        run: () => this.api.patch("/api/staff/{staffId}", { path: { staffId: one.id }, body: { newPassword: true } }),
        done: () => "The new password is on the page.",
      }),
    );
  }

  protected async shut(one: StaffView): Promise<void> {
    await this.act(
      this.actions.ask({
        title: one.disabled ? `Open the account of ${one.username}` : `Shut the account of ${one.username}`,
        says: [one.disabled ? "The person may sign in again." : "All sessions end, and nobody signs in to it."],
        confirm: one.disabled ? "Open it" : "Shut it",
        danger: !one.disabled,
        run: () => this.api.patch("/api/staff/{staffId}", { path: { staffId: one.id }, body: { disabled: !one.disabled } }),
        done: (changed) => `The account of ${changed.username} is ${changed.disabled ? "shut" : "open"}.`,
      }),
    );
  }

  private async act(asked: Promise<StaffView | null>): Promise<void> {
    const changed = await asked;
    if (!changed) return;
    this.handed.set(changed.password ? changed : null);
    this.all.reload();
  }
}

function roleFields(held: readonly string[]): readonly Field[] {
  return ROLES.map(({ role, may }) => ({ name: role, label: `${role}: ${may}`, kind: "check", value: held.includes(role) ? "yes" : "" }));
}

function rolesOf(values: Values): Roles {
  const roles = ROLES.map(({ role }) => role).filter((role) => values[role] === "yes");
  if (!roles.length) throw new Problem(400, "no-role", "Choose one role or more: an account without any may do nothing.");
  return roles;
}
