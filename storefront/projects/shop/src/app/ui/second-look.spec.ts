import { TestBed } from "@angular/core/testing";

import { SecondLook } from "./second-look";

function said(fields: number): string {
  const shown = TestBed.createComponent(SecondLook);
  shown.componentRef.setInput("fields", fields);
  shown.detectChanges();
  const region = (shown.nativeElement as HTMLElement).querySelector("[role=status]");
  return region!.textContent!.trim();
}

describe("fields that need a second look", () => {
  it("are counted, down to one", () => {
    expect(said(3)).toBe("3 fields need a second look.");
    expect(said(1)).toBe("One field needs a second look.");
  });

  it("leave an empty live region once all are right", () => {
    expect(said(0)).toBe("");
  });
});
