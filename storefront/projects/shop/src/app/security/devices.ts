import { Component, computed, inject, resource } from "@angular/core";
import { Api, DeviceView, Problem, Session } from "@kibble/shared";

import { Toasts } from "../core/toasts";
import { device } from "./device";

/** Where one is signed in, and how to end that. */
@Component({
  selector: "kb-devices",
  template: `
    <section class="box stack" aria-labelledby="devices-title">
      <h2 id="devices-title">Where you are signed in</h2>
      @if (loaded.error()) {
        <p class="note bad" role="alert">This did not load. <button class="link" type="button" (click)="loaded.reload()">Try again</button></p>
      }
      <ul class="plain-list">
        @for (one of devices(); track one.id) {
          <li class="spread">
            <span><span class="strong">{{ name(one.agent) }}</span>@if (one.current) {&ngsp;<span class="tag good">this one</span>}<br /><span class="small quiet">Last used {{ time(one.usedAt) }}@if (one.secondFactor) {, with a second factor}</span></span>
            @if (!one.current) {
              <button class="button plain" type="button" [attr.aria-label]="'Sign out ' + name(one.agent) + ', last used ' + time(one.usedAt)" (click)="end(one)">Sign out</button>
            }
          </li>
        }
      </ul>
      @if (devices().length > 1) {
        <p><button class="link danger" type="button" (click)="endOthers()">Sign out everywhere else</button></p>
      }
    </section>
  `,
})
export class Devices {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly toasts = inject(Toasts);
  protected readonly loaded = resource({
    params: () => this.session.customerId() ?? undefined,
    loader: ({ params }) => this.api.get("/api/customers/{customerId}/sessions", { path: { customerId: params } }),
  });
  protected readonly devices = computed<readonly DeviceView[]>(() => (this.loaded.hasValue() ? this.loaded.value() : []));
  protected readonly name = device;

  protected time(moment: string): string {
    return new Date(moment).toLocaleString("en-US", { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });
  }

  protected async end(one: DeviceView): Promise<void> {
    await this.ending((customerId) => this.api.delete("/api/customers/{customerId}/sessions/{sessionId}", { path: { customerId, sessionId: one.id } }));
  }

  protected async endOthers(): Promise<void> {
    await this.ending((customerId) => this.api.delete("/api/customers/{customerId}/sessions", { path: { customerId } }));
  }

  private async ending(work: (customerId: string) => Promise<unknown>): Promise<void> {
    const customerId = this.session.customerId();
    if (!customerId) return;
    try {
      await work(customerId);
      this.toasts.show("Signed out there.");
    } catch (thrown) {
      this.toasts.show(Problem.of(thrown).message);
    }
    this.loaded.reload();
  }
}
