import { Component, computed, inject, signal } from "@angular/core";
import { Address } from "@kibble/shared";

import { Head } from "../core/head";
import { AddressForm, NO_ADDRESS, sent, TypedAddress, wrongs } from "../ui/address-form";
import { Empty } from "../ui/empty";
import { Me } from "./me";

/** Where parcels may go. */
@Component({
  selector: "kb-addresses",
  imports: [AddressForm, Empty],
  template: `
    <h1>Addresses</h1>
    @if (me.customer()) {
      <ul class="grid-2 list">
        @for (one of addresses(); track $index) {
          <li class="box stack-2">
            <p><span class="strong">{{ one.name }}</span><br />{{ one.street }} {{ one.street2 }}<br />{{ one.city }} {{ one.state }} {{ one.zipCode }}</p>
            <button class="link danger" type="button" [attr.aria-label]="'Remove the address ' + one.street" (click)="remove($index)">Remove</button>
          </li>
        }
      </ul>
      @if (addresses().length === 0 && !adding()) {
        <kb-empty><h2>No addresses yet</h2><p class="quiet">One that is kept here saves you the typing.</p></kb-empty>
      }
      @if (adding()) {
        <form class="box stack" (submit)="save($event)" novalidate>
          <kb-address-form [(address)]="typed" [errors]="errors()" />
          @if (wrong(); as wrong) {
            <p class="note bad" role="alert">{{ wrong }}</p>
          }
          <div class="row"><button class="button" type="submit">Keep it</button><button class="button plain" type="button" (click)="adding.set(false)">Never mind</button></div>
        </form>
      } @else {
        <button class="button plain" type="button" (click)="begin()">Add an address</button>
      }
    }
  `,
  styles: `.list { margin-block: 1rem; }`,
})
export class Addresses {
  protected readonly me = inject(Me);
  protected readonly addresses = computed<readonly Address[]>(() => {
    const customer = this.me.customer();
    return customer ? [customer.address, ...customer.addresses].filter((one) => one !== null) : [];
  });
  protected readonly adding = signal(false);
  protected readonly typed = signal<TypedAddress>(NO_ADDRESS);
  protected readonly checked = signal(false);
  protected readonly wrong = signal("");
  protected readonly errors = computed(() => (this.checked() ? wrongs(this.typed()) : {}));

  constructor() {
    inject(Head).tell({ title: "Addresses" });
  }

  protected begin(): void {
    this.typed.set(NO_ADDRESS);
    this.checked.set(false);
    this.wrong.set("");
    this.adding.set(true);
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    this.checked.set(true);
    if (Object.keys(wrongs(this.typed())).length > 0) return;
    if (await this.keep([...this.addresses(), sent(this.typed())], "The address is kept.")) this.adding.set(false);
  }

  protected async remove(index: number): Promise<void> {
    await this.keep(this.addresses().filter((_, at) => at !== index), "The address is gone.");
  }

  /** The first address is the one that an order takes. */
  private async keep(all: readonly Address[], said: string): Promise<boolean> {
    const [address, ...addresses] = all;
    const problem = await this.me.change({ address: address ?? null, addresses }, said);
    this.wrong.set(problem ? (problem.errors[0]?.detail ?? problem.message) : "");
    return problem === null;
  }
}
