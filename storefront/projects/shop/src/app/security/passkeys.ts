import { Component, computed, inject, resource, signal } from "@angular/core";
import { Api, Passkeys as Devices, PasskeyView, Problem, Session } from "@kibble/shared";

import { Toasts } from "../core/toasts";
import { Field } from "../ui/field";
import { device } from "./device";
import { Proof } from "./proof";

/** Passkeys: a finger or a face instead of a password. */
@Component({
  selector: "kb-passkeys",
  imports: [Field],
  template: `
    <section class="box stack" aria-labelledby="passkeys-title">
      <h2 id="passkeys-title">Passkeys</h2>
      @if (wrong(); as wrong) {
        <p class="note bad" role="alert">{{ wrong }}</p>
      }
      @if (codes().length > 0) {
        <div class="note warn stack-2" role="status">
          <p class="strong">Your recovery codes. They show this once: write them down.</p>
          <p>Your password asks for a second factor from now on. Each of these does once, when your passkeys are lost.</p>
          <ul class="codes">@for (one of codes(); track one) {<li><code>{{ one }}</code></li>}</ul>
          <button class="button" type="button" (click)="codes.set([])">I have written them down</button>
        </div>
      }
      <ul class="plain-list">
        @for (one of passkeys(); track one.id) {
          <li class="stack-2">
            <div class="spread">
              <span><span class="strong">{{ one.name }}</span><br /><span class="small quiet">Added {{ day(one.createdAt) }}@if (one.usedAt; as used) {, last used {{ day(used) }}}</span></span>
              <span class="row"><button class="link" type="button" [attr.aria-label]="'Rename ' + one.name" (click)="rename(one)">Rename</button><button class="link danger" type="button" [attr.aria-label]="'Remove ' + one.name" (click)="remove(one)">Remove</button></span>
            </div>
            @if (renaming() === one.id) {
              <form class="stack-2" (submit)="saveName($event, one)" novalidate><kb-field name="passkey-name" label="What you call it" [required]="true" [(value)]="name" /><button class="button plain" type="submit">Save the name</button></form>
            }
          </li>
        }
      </ul>
      @if (loaded.error()) {
        <p class="note bad" role="alert">This did not load. <button class="link" type="button" (click)="loaded.reload()">Try again</button></p>
      } @else if (devices.offered) {
        @if (passkeys().length === 0) {<p>Sign in with your finger, your face or this device's PIN. Nobody can steal it by asking you for it.</p>}
        <button class="button" type="button" [attr.aria-disabled]="busy()" (click)="add()">Add a passkey</button>
      } @else {
        <p class="quiet">This browser knows no passkeys.</p>
      }
    </section>
  `,
  styles: `.codes { columns: 2; }`,
})
export class Passkeys {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly toasts = inject(Toasts);
  private readonly proof = inject(Proof);
  protected readonly devices = inject(Devices);
  protected readonly loaded = resource({
    params: () => this.session.customerId() ?? undefined,
    loader: ({ params }) => this.api.get("/api/customers/{customerId}/factors", { path: { customerId: params } }),
  });
  protected readonly passkeys = computed<readonly PasskeyView[]>(() => (this.loaded.hasValue() ? this.loaded.value().passkeys : []));
  protected readonly codes = signal<readonly string[]>([]);
  protected readonly renaming = signal("");
  protected readonly name = signal("");
  protected readonly wrong = signal("");
  protected readonly busy = signal(false);

  protected day(moment: string): string {
    return new Date(moment).toLocaleDateString("en-US", { month: "short", day: "numeric", year: "numeric" });
  }

  protected add(): Promise<void> {
    return this.guarded(async (customerId) => {
      const added = await this.devices.add(customerId, device(navigator.userAgent));
      this.codes.set(added.recoveryCodes);
      this.toasts.show("Your passkey is ready.");
    });
  }

  protected rename(one: PasskeyView): void {
    this.name.set(one.name);
    this.renaming.set(this.renaming() === one.id ? "" : one.id);
  }

  protected saveName(event: Event, one: PasskeyView): Promise<void> {
    event.preventDefault();
    return this.guarded(async (customerId) => {
      const path = { customerId, passkeyId: one.id };
      await this.api.patch("/api/customers/{customerId}/factors/passkeys/{passkeyId}", { path, body: { name: this.name().trim() } });
      this.renaming.set("");
    });
  }

  protected remove(one: PasskeyView): Promise<void> {
    return this.guarded(async (customerId) => {
      await this.api.delete("/api/customers/{customerId}/factors/passkeys/{passkeyId}", { path: { customerId, passkeyId: one.id } });
      this.toasts.show("The passkey is gone; remove it from your device as well.");
    });
  }

  private async guarded(work: (customerId: string) => Promise<void>): Promise<void> {
    const customerId = this.session.customerId();
    if (!customerId || this.busy()) return;
    this.busy.set(true);
    this.wrong.set("");
    try {
      await this.proof.run(() => work(customerId));
    } catch (thrown) {
      this.wrong.set(Problem.of(thrown).message);
    }
    this.busy.set(false);
    this.loaded.reload();
  }
}
