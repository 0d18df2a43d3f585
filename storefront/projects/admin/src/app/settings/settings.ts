import { httpResource } from "@angular/common/http";
import { Component, inject } from "@angular/core";
import { MatProgressBar } from "@angular/material/progress-bar";
import { Api, OperatingView, Session } from "@kibble/shared";

import { Trouble } from "../ui/trouble";

/** How the shop is set up. Settings are changed where the shop is started; here they are only read. */
@Component({
  selector: "kba-settings",
  imports: [MatProgressBar, Trouble],
  template: `
    <div class="page-head"><h1>Settings</h1></div>
    <kba-trouble [of]="shop.error()" (again)="shop.reload()" />
    @if (shop.isLoading() && !shop.hasValue()) { <mat-progress-bar mode="indeterminate" aria-label="Loading" /> }
    @if (shop.hasValue()) {
      <section class="panel">
        <h2>Kibble {{ shop.value().version }}, {{ shop.value().profile }}</h2>
        <p class="quiet">Set by environment variables where the shop is started; none of them is a secret.</p>
        <table class="grid stacks">
          <thead><tr><th scope="col">Setting</th><th scope="col">Value</th><th scope="col">Meaning</th></tr></thead>
          <tbody>
            @for (one of shop.value().settings; track one.name) {
              <tr><td class="mono">{{ one.name }}</td><td data-label="Value" class="mono">{{ one.value }}</td><td>{{ one.meaning }}</td></tr>
            }
          </tbody>
        </table>
      </section>
    }
    @if (session.current(); as current) {
      <section class="panel">
        <h2>You</h2>
        <dl class="facts">
          <dt>Signed in as</dt><dd>{{ current.name ?? current.username }}</dd>
          <dt>Roles</dt><dd>{{ current.roles.join(", ") || "none: a token of the command line" }}</dd>
          <dt>Second factor</dt><dd>{{ current.secondFactor ? "used" : "not used" }}</dd>
          <dt>May</dt><dd class="mono">{{ current.scopes.join(" ") }}</dd>
        </dl>
      </section>
    }
  `,
})
export class SettingsPage {
  protected readonly session = inject(Session);
  protected readonly shop = httpResource<OperatingView>(() => Api.read("/api/settings"));
}
