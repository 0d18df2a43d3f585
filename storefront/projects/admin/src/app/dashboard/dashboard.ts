import { Component, inject } from "@angular/core";
import { Session } from "@kibble/shared";

/** The first page of the back office. */
@Component({
  selector: "kba-dashboard",
  template: `
    <h1>Back office</h1>
    @if (session.current(); as current) {
      <p>{{ current.signedIn ? "Signed in as " + current.username : "Not signed in." }}</p>
    }
  `,
})
export class Dashboard {
  protected readonly session = inject(Session);
}
