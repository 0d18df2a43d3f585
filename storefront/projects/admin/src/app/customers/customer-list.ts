import { DatePipe } from "@angular/common";
import { Component, effect, inject, input, linkedSignal, untracked } from "@angular/core";
import { FormsModule } from "@angular/forms";
import { MatButton } from "@angular/material/button";
import { MatFormField, MatLabel } from "@angular/material/form-field";
import { MatInput } from "@angular/material/input";
import { MatProgressBar } from "@angular/material/progress-bar";
import { Router, RouterLink } from "@angular/router";
import { Api, CustomerView } from "@kibble/shared";

import { PagedList } from "../core/paged-list";
import { Trouble } from "../ui/trouble";

/** Finds customers. */
@Component({
  selector: "kba-customer-list",
  imports: [DatePipe, FormsModule, MatButton, MatFormField, MatInput, MatLabel, MatProgressBar, RouterLink, Trouble],
  template: `
    <div class="page-head"><h1>Customers</h1></div>
    <form class="panel tools" role="search" (ngSubmit)="search()">
      <mat-form-field class="long"><mat-label>Name, username, e-mail or phone</mat-label><input matInput type="search" name="q" [(ngModel)]="text" autocomplete="off" /></mat-form-field>
      <button mat-flat-button type="submit">Search</button>
    </form>
    <kba-trouble [of]="list.problem()" (again)="list.reload()" />
    @if (list.loading()) { <mat-progress-bar mode="indeterminate" aria-label="Loading" /> }
    <section class="panel" aria-label="Customers">
      <table class="grid stacks">
        <thead><tr><th scope="col">Name</th><th scope="col">Username</th><th scope="col">E-mail</th><th scope="col">Phone</th><th scope="col">Since</th></tr></thead>
        <tbody>
          @for (person of list.items(); track person.id) {
            <tr>
              <td><a [routerLink]="['/customers', person.id]">{{ person.name ?? person.username }}</a></td>
              <td data-label="Username">{{ person.username }}</td>
              <td data-label="E-mail">{{ person.email }}</td>
              <td data-label="Phone">{{ person.phone }}</td>
              <td data-label="Since">{{ person.createdAt | date: "MMM d, y" }}</td>
            </tr>
          }
        </tbody>
      </table>
      @if (!list.loading() && !list.items().length) { <p class="empty">{{ q() ? "Nobody is called like that." : "Nobody has an account yet." }}</p> }
      @if (list.cursor()) { <button mat-button type="button" [disabled]="list.loading()" (click)="list.more()">Show more</button> }
    </section>
  `,
})
export class CustomerList {
  readonly q = input<string>();
  protected readonly text = linkedSignal(() => this.q() ?? "");
  private readonly api = inject(Api);
  private readonly router = inject(Router);
  protected readonly list = new PagedList<CustomerView>((cursor) => {
    const q = this.q();
    return this.api.page("/api/customers", { query: { limit: 50, ...(q ? { q } : {}), ...(cursor ? { cursor } : {}) } });
  });

  constructor() {
    effect(() => {
      this.q();
      untracked(() => void this.list.reload());
    });
  }

  protected search(): void {
    void this.router.navigate(["/customers"], { queryParams: { q: this.text().trim() || null } });
  }
}
