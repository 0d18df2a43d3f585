import { TestBed } from "@angular/core/testing";

import { AddressForm, NO_ADDRESS } from "./address-form";

/** Return a form with an address in it, and what types a ZIP code. */
function filled(address: Partial<typeof NO_ADDRESS>) {
  const fixture = TestBed.createComponent(AddressForm);
  fixture.componentRef.setInput("address", { ...NO_ADDRESS, ...address });
  fixture.detectChanges();
  const element = fixture.nativeElement as HTMLElement;
  const type = (zipCode: string) => {
    const field = element.querySelector<HTMLInputElement>("#zipCode")!;
    field.value = zipCode;
    field.dispatchEvent(new Event("input"));
    fixture.detectChanges();
  };
  return { type, state: () => fixture.componentInstance.address().state, says: () => element.querySelector("[role=status]")!.textContent };
}

describe("the state of an address", () => {
  it("follows the ZIP code, also when that is mended", () => {
    const form = filled({});
    form.type("02118");
    expect(form.state()).toBe("MA");
    for (const typed of ["9", "90", "90210"]) form.type(typed);
    expect(form.state()).toBe("CA");
    expect(form.says()).toBe("");
  });

  it("stays as it was chosen by hand, with a word where the ZIP code is in another", () => {
    const form = filled({ state: "MA" });
    form.type("90210");
    expect(form.state()).toBe("MA");
    expect(form.says()).toBe("ZIP code 90210 is in California. Are both right?");
  });
});
