import { Component, computed, input, model } from "@angular/core";

import { stateOf, STATES } from "../core/states";
import { Field } from "./field";

/** An address as it is typed. */
export interface TypedAddress {
  readonly name: string;
  readonly street: string;
  readonly street2: string;
  readonly city: string;
  readonly state: string;
  readonly zipCode: string;
}

/** An address with nothing in it. */
export const NO_ADDRESS: TypedAddress = { name: "", street: "", street2: "", city: "", state: "", zipCode: "" };

/** Return what is wrong with an address before it is sent, by field; nothing when all is well. */
export function wrongs(address: TypedAddress): Readonly<Partial<Record<keyof TypedAddress, string>>> {
  const found: Partial<Record<keyof TypedAddress, string>> = {};
  if (!address.name.trim()) found.name = "Who is it for?";
  if (!address.street.trim()) found.street = "We need a street and a number.";
  if (!address.city.trim()) found.city = "We need a city.";
  if (!STATES.some(([code]) => code === address.state)) found.state = "Choose a state.";
  if (!/^\d{5}(-\d{4})?$/.test(address.zipCode.trim())) found.zipCode = "A ZIP code has five digits.";
  return found;
}

/** Return an address as the API takes it. */
export function sent(address: TypedAddress) {
  const { street2, ...rest } = address;
  const trimmed = Object.fromEntries(Object.entries(rest).map(([name, value]) => [name, value.trim()])) as Omit<TypedAddress, "street2">;
  return street2.trim() ? { ...trimmed, street2: street2.trim() } : trimmed;
}

/** The fields of an address, which browsers can fill in. */
@Component({
  selector: "kb-address-form",
  imports: [Field],
  template: `
    <div class="stack">
      <kb-field [name]="prefix() + 'name'" label="Full name" autocomplete="shipping name" [required]="true" [error]="errors().name" [value]="address().name" (valueChange)="set('name', $event)" />
      <kb-field [name]="prefix() + 'street'" label="Street and number" autocomplete="shipping address-line1" [required]="true" [error]="errors().street" [value]="address().street" (valueChange)="set('street', $event)" />
      <kb-field [name]="prefix() + 'street2'" label="Apartment, floor (if any)" autocomplete="shipping address-line2" [value]="address().street2" (valueChange)="set('street2', $event)" />
      <div class="grid-2">
        <kb-field [name]="prefix() + 'zipCode'" label="ZIP code" inputmode="numeric" autocomplete="shipping postal-code" [required]="true" [error]="errors().zipCode" [value]="address().zipCode" (valueChange)="setZipCode($event)" />
        <kb-field [name]="prefix() + 'city'" label="City" autocomplete="shipping address-level2" [required]="true" [error]="errors().city" [value]="address().city" (valueChange)="set('city', $event)" />
      </div>
      <div class="field">
        <label [for]="prefix() + 'state'">State</label>
        <select class="input" [id]="prefix() + 'state'" autocomplete="shipping address-level1" [attr.aria-invalid]="errors().state ? true : null" [attr.aria-describedby]="errors().state ? prefix() + 'state-error' : null" (change)="set('state', $any($event.target).value)">
          <option value="" [selected]="!address().state">Choose…</option>
          @for (state of states; track state[0]) {
            <option [value]="state[0]" [selected]="state[0] === address().state">{{ state[1] }}</option>
          }
        </select>
        @if (errors().state; as error) {
          <p class="error" [id]="prefix() + 'state-error'">{{ error }}</p>
        }
        <p class="hint" role="status">{{ doubt() }}</p>
      </div>
    </div>
  `,
})
export class AddressForm {
  readonly address = model.required<TypedAddress>();
  readonly errors = input<Readonly<Partial<Record<keyof TypedAddress, string>>>>({});
  /** What begins the ids of the fields, where a page has two forms. */
  readonly prefix = input("");
  protected readonly states = STATES;

  /** What it says where the ZIP code is in another state. A few codes near a border are, so it is no error. */
  protected readonly doubt = computed(() => {
    const { state, zipCode } = this.address();
    const other = STATES.find(([code]) => code === stateOf(zipCode));
    return state && other && other[0] !== state ? `ZIP code ${zipCode.slice(0, 5)} is in ${other[1]}. Are both right?` : "";
  });
  /** The state that the ZIP code has chosen. */
  private followed = "";

  /** Take a ZIP code, and its state where none was chosen by hand. */
  protected setZipCode(zipCode: string): void {
    const { state: chosen, zipCode: before } = this.address();
    const found = stateOf(zipCode.trim());
    const follows = found !== null && (!chosen || chosen === this.followed || chosen === stateOf(before));
    if (follows) this.followed = found;
    this.address.update((address) => ({ ...address, zipCode, state: follows ? found : chosen }));
  }

  protected set(field: keyof TypedAddress, value: string): void {
    this.address.update((address) => ({ ...address, [field]: value }));
  }
}
