import { Component, DOCUMENT, inject, signal } from "@angular/core";
import { Router } from "@angular/router";
import { Api, Problem, Session } from "@kibble/shared";

import { Head } from "../core/head";
import { Toasts } from "../core/toasts";
import { Field } from "../ui/field";
import { Me } from "./me";

/** One's data: to take along, and to have erased. */
@Component({
  selector: "kb-privacy",
  imports: [Field],
  template: `
    <h1>Your data</h1>
    <section class="box stack part" aria-labelledby="take">
      <h2 id="take">Take it along</h2>
      <p>Everything that we know of you, as one file (JSON).</p>
      <button class="button plain" type="button" (click)="download()">Download my data</button>
    </section>
    <section class="box stack part" aria-labelledby="erase">
      <h2 id="erase">Have it erased</h2>
      <p>Your account, addresses, pets and messages go, for good. Orders keep their figures, without you.</p>
      @if (asking()) {
        <form class="stack" (submit)="erase($event)">
          <kb-field name="confirm" [label]="'Type your username (' + (me.customer()?.username ?? '') + ') to confirm'" autocomplete="off" [error]="wrong()" [(value)]="typed" />
          <div class="row"><button class="button" type="submit">Erase my account</button><button class="button plain" type="button" (click)="asking.set(false)">Keep it</button></div>
        </form>
      } @else {
        <button class="link danger" type="button" (click)="asking.set(true)">Erase my account</button>
      }
    </section>
  `,
  styles: `.part { margin-top: 1rem; max-width: 40rem; }`,
})
export class Privacy {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly router = inject(Router);
  private readonly toasts = inject(Toasts);
  private readonly document = inject(DOCUMENT);
  protected readonly me = inject(Me);
  protected readonly asking = signal(false);
  protected readonly typed = signal("");
  protected readonly wrong = signal<string | null>(null);

  constructor() {
    inject(Head).tell({ title: "Your data" });
  }

  protected async download(): Promise<void> {
    const customerId = this.session.customerId();
    if (!customerId) return;
    try {
      const data = await this.api.get("/api/customers/{customerId}/export", { path: { customerId } });
      const link = this.document.createElement("a");
      link.href = URL.createObjectURL(new Blob([JSON.stringify(data, null, 2)], { type: "application/json" }));
      link.download = "kibble-my-data.json";
      link.click();
      URL.revokeObjectURL(link.href);
    } catch (thrown) {
      this.toasts.show(Problem.of(thrown).message);
    }
  }

  protected async erase(event: Event): Promise<void> {
    event.preventDefault();
    const customerId = this.session.customerId();
    if (!customerId || this.typed().trim() !== this.me.customer()?.username) {
      this.wrong.set("This is not your username.");
      return;
    }
    try {
      await this.api.delete("/api/customers/{customerId}", { path: { customerId } });
      await this.session.signOut().catch(() => undefined);
      this.toasts.show("Your account is gone. Take care.");
      await this.router.navigate(["/"]);
    } catch (thrown) {
      this.wrong.set(Problem.of(thrown).message);
    }
  }
}
