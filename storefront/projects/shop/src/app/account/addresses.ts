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
            <p class="row">
              <button class="link" type="button" [attr.aria-label]="'Change the address ' + one.street" (click)="begin($index)">Change</button>
              <button class="link danger" type="button" [attr.aria-label]="'Remove the address ' + one.street" (click)="remove($index)">Remove</button>
            </p>
          </li>
        }
      </ul>
      @if (addresses().length === 0 && written() === null) {
        <kb-empty><h2>No addresses yet</h2><p class="quiet">One that is kept here saves you the typing.</p></kb-empty>
      }
      @if (written() !== null) {
        <form class="box stack" (submit)="save($event)" novalidate>
          <kb-address-form [(address)]="typed" [errors]="errors()" />
          @if (wrong(); as wrong) {
            <p class="note bad" role="alert">{{ wrong }}</p>
          }
          <div class="row"><button class="button" type="submit">Keep it</button><button class="button plain" type="button" (click)="written.set(null)">Never mind</button></div>
        </form>
      } @else {
        <button class="button plain" type="button" (click)="begin(addresses().length)">Add an address</button>
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
  /** Which address is being written: its place, one past the last for a new one. */
  protected readonly written = signal<number | null>(null);
  protected readonly typed = signal<TypedAddress>(NO_ADDRESS);
  protected readonly checked = signal(false);
  protected readonly wrong = signal("");
  protected readonly errors = computed(() => (this.checked() ? wrongs(this.typed()) : {}));

  constructor() {
    inject(Head).tell({ title: "Addresses" });
  }

  protected begin(index: number): void {
    const known = this.addresses()[index];
    this.typed.set({ ...NO_ADDRESS, ...known, name: known?.name ?? "", street2: known?.street2 ?? "" });
    this.checked.set(false);
    this.wrong.set("");
    this.written.set(index);
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    const index = this.written();
    this.checked.set(true);
    if (index === null || Object.keys(wrongs(this.typed())).length > 0) return;
    const all = [...this.addresses().slice(0, index), sent(this.typed()), ...this.addresses().slice(index + 1)];
    if (await this.keep(all, "The address is kept.")) this.written.set(null);
  }

  protected async remove(index: number): Promise<void> {
    this.written.set(null);
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
