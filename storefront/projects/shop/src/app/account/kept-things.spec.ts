import { provideHttpClient } from "@angular/common/http";
import { signal, Type } from "@angular/core";
import { TestBed } from "@angular/core/testing";
import { provideRouter } from "@angular/router";
import { PatchCustomer } from "@kibble/shared";

import { Addresses } from "./addresses";
import { Me } from "./me";
import { Pets } from "./pets";

const HOME = { name: "Sam", street: "123 Main St", city: "Boston", state: "MA", zipCode: "02118" };
const WORK = { ...HOME, street: "9 High St" };
const REX = { name: "Rex", species: "cat", weightGrams: 5670, allergies: ["fish", "corn"] };

/** Return a page of somebody who has two addresses and a pet, and what it asks to be changed. */
function opened<T>(page: Type<T>) {
  const asked: PatchCustomer[] = [];
  const change = (body: PatchCustomer) => Promise.resolve((asked.push(body), null));
  const customer = signal({ address: HOME, addresses: [WORK], pets: [REX] });
  TestBed.configureTestingModule({ providers: [provideHttpClient(), provideRouter([]), { provide: Me, useValue: { customer, change } }] });
  const fixture = TestBed.createComponent(page);
  fixture.detectChanges();
  const element = fixture.nativeElement as HTMLElement;
  const press = (name: string) => {
    element.querySelector<HTMLElement>(`[aria-label="${name}"]`)!.click();
    fixture.detectChanges();
  };
  const write = (id: string, text: string) => {
    const field = element.querySelector<HTMLInputElement>(`#${id}`)!;
    field.value = text;
    field.dispatchEvent(new Event("input"));
  };
  const send = () => {
    element.querySelector("form")!.dispatchEvent(new Event("submit"));
    fixture.detectChanges();
  };
  return { element, asked, press, write, send };
}

describe("what is kept in an account", () => {
  it("is an address that can be changed, and keeps its place", () => {
    const page = opened(Addresses);
    page.press("Change the address 123 Main St");
    page.write("street", "124 Main St");
    page.send();
    expect(page.asked).toEqual([{ address: { ...HOME, street: "124 Main St" }, addresses: [WORK] }]);
  });

  it("is a pet that can be changed, with all that was known of it", () => {
    const page = opened(Pets);
    page.press("Change Rex");
    page.write("weight", "13");
    page.send();
    expect(page.asked[0]?.pets).toEqual([{ name: "Rex", species: "cat", breed: null, birthday: null, weightGrams: 5897, allergies: ["fish", "corn"] }]);
  });

  it("is no weight that is no number, and no birthday that is yet to come", () => {
    const page = opened(Pets);
    page.press("Change Rex");
    page.write("weight", "heavy");
    page.write("birthday", "2999-01-01");
    page.send();
    expect(page.asked).toEqual([]);
    const errors = [...page.element.querySelectorAll(".error")].map((one) => one.textContent);
    expect(errors).toEqual(["This day is yet to come.", "Write a number, such as 12.5."]);
  });
});
