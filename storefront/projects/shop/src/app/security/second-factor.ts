import { Component, computed, inject, resource, signal } from "@angular/core";
import { Api, AuthenticatorView, Problem, Session } from "@kibble/shared";

import { Toasts } from "../core/toasts";
import { Field } from "../ui/field";
import { Proof } from "./proof";
import { QrCode } from "./qr-code";

/** An authenticator app as second factor, and the recovery codes for when it is lost. */
@Component({
  selector: "kb-second-factor",
  imports: [Field, QrCode],
  template: `
    <section class="box stack" aria-labelledby="factor-title">
      <h2 id="factor-title">Second factor</h2>
      @if (wrong() && wrong()!.errors.length === 0) {
        <p class="note bad" role="alert">{{ wrong()!.message }}</p>
      }
      @if (codes().length > 0) {
        <div class="note warn stack-2" role="status">
          <p class="strong">Your recovery codes. They show this once: write them down.</p>
          <p>Each of them signs you in once, when your app is lost. Those before no longer hold.</p>
          <ul class="codes">@for (one of codes(); track one) {<li><code>{{ one }}</code></li>}</ul>
          <button class="button" type="button" (click)="codes.set([])">I have written them down</button>
        </div>
      }
      @if (setting(); as setting) {
        <form class="stack" aria-labelledby="set-up" (submit)="confirm($event)" novalidate>
          <h3 id="set-up">Set up an authenticator app</h3>
          <p>Scan this with your app:</p>
          <kb-qr-code [text]="setting.uri" label="QR code for your authenticator app; the secret is written below" />
          <p>Or type this secret into it, or <a [href]="setting.uri">open it in an app on this device</a>:</p>
          <p><code class="secret">{{ grouped() }}</code></p>
          <kb-field name="totp" label="The code that the app shows now" autocomplete="one-time-code" inputmode="numeric" [required]="true" [error]="wrong()?.at('/code') ? 'This is not the code that the app shows now.' : null" [(value)]="code" />
          <div class="row"><button class="button" type="submit">Turn it on</button><button class="button plain" type="button" (click)="begun.set(null)">Never mind</button></div>
        </form>
      } @else if (on()) {
        <p><span class="tag good">On</span> Signing in asks for a code of your app. {{ left() }} recovery codes are left.</p>
        <div class="row">
          <button class="button plain" type="button" (click)="renew()">New recovery codes</button>
          @if (!asking()) {
            <button class="link danger" type="button" (click)="asking.set(true)">Turn it off</button>
          }
        </div>
        @if (asking()) {
          <div class="note warn stack-2" role="alertdialog" aria-labelledby="off-ask">
            <p id="off-ask" class="strong">Turn it off? Then your password alone opens your account.</p>
            <div class="row"><button class="button" type="button" (click)="turnOff()">Yes, turn it off</button><button class="button plain" type="button" (click)="asking.set(false)">Keep it</button></div>
          </div>
        }
      } @else if (loaded.hasValue()) {
        <p>With an authenticator app on your telephone, a stolen password opens nothing.</p>
        <button class="button" type="button" (click)="begin()">Set up an authenticator app</button>
      } @else if (loaded.error()) {
        <p class="note bad" role="alert">This did not load. <button class="link" type="button" (click)="loaded.reload()">Try again</button></p>
      }
    </section>
  `,
  styles: `
    .codes { columns: 2; }
    .secret { font-size: 1.15rem; letter-spacing: 0.06em; overflow-wrap: anywhere; }
  `,
})
export class SecondFactor {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly toasts = inject(Toasts);
  private readonly proof = inject(Proof);
  protected readonly loaded = resource({
    params: () => this.session.customerId() ?? undefined,
    loader: ({ params }) => this.api.get("/api/customers/{customerId}/factors", { path: { customerId: params } }),
  });
  protected readonly on = computed(() => this.loaded.hasValue() && Boolean(this.loaded.value().totpSince));
  protected readonly left = computed(() => (this.loaded.hasValue() ? this.loaded.value().recoveryCodesLeft : 0));
  protected readonly begun = signal<AuthenticatorView | null>(null);
  protected readonly setting = this.begun.asReadonly();
  protected readonly grouped = computed(() => (this.setting()?.secret.match(/.{1,4}/g) ?? []).join(" "));
  protected readonly code = signal("");
  protected readonly codes = signal<readonly string[]>([]);
  protected readonly asking = signal(false);
  protected readonly wrong = signal<Problem | null>(null);

  protected async begin(): Promise<void> {
    await this.guarded(async (path) => {
      this.code.set("");
      this.begun.set(await this.api.post("/api/customers/{customerId}/factors/totp", { path }));
    });
  }

  protected async confirm(event: Event): Promise<void> {
    event.preventDefault();
    await this.guarded(async (path) => {
      const made = await this.api.put("/api/customers/{customerId}/factors/totp", { path, body: { code: this.code().trim() } });
      this.begun.set(null);
      this.codes.set(made.recoveryCodes);
      this.loaded.reload();
    });
  }

  protected async renew(): Promise<void> {
    await this.guarded(async (path) => {
      this.codes.set((await this.api.post("/api/customers/{customerId}/factors/recovery-codes", { path })).recoveryCodes);
      this.loaded.reload();
    });
  }

  protected async turnOff(): Promise<void> {
    await this.guarded(async (path) => {
      await this.api.delete("/api/customers/{customerId}/factors/totp", { path });
      this.asking.set(false);
      this.codes.set([]);
      this.toasts.show("The second factor is off.");
      this.loaded.reload();
    });
  }

  private async guarded(work: (path: { customerId: string }) => Promise<void>): Promise<void> {
    const customerId = this.session.customerId();
    if (!customerId) return;
    this.wrong.set(null);
    try {
      await this.proof.run(() => work({ customerId }));
    } catch (thrown) {
      this.wrong.set(Problem.of(thrown));
    }
  }
}
