import { TestBed } from "@angular/core/testing";
import { MAT_DIALOG_DATA, MatDialogRef } from "@angular/material/dialog";
import { Problem } from "@kibble/shared";
import { describe, expect, it } from "vitest";

import { Action, ActionDialog, Field, Values } from "./action";

const settled = () => new Promise((resolve) => setTimeout(resolve));
const AMOUNT: Field = { name: "amount", label: "Amount", kind: "number", value: "43.48", required: true };
const UNITS: Field = { name: "delta", label: "Units", kind: "whole", required: true };

/** Open the dialog of a refund; `answer` is what comes of it. */
async function opened(fields: readonly Field[], answer: () => Promise<unknown> = () => Promise.resolve(true)) {
  const asked: Values[] = [];
  const dialog = { disableClose: false, close: () => undefined };
  const action: Action<unknown> = {
    title: "Refund", says: [], confirm: "Refund", fields, done: () => "",
    run: (values) => {
      asked.push(values);
      return answer();
    },
  };
  TestBed.configureTestingModule({ providers: [{ provide: MAT_DIALOG_DATA, useValue: action }, { provide: MatDialogRef, useValue: dialog }] });
  const fixture = TestBed.createComponent(ActionDialog);
  const element = fixture.nativeElement as HTMLElement;
  const look = async () => {
    await settled();
    fixture.detectChanges();
    await settled();
  };
  await look();
  const fill = async (text: string) => {
    const input = element.querySelector("input")!;
    input.value = text;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    await look();
  };
  const submit = async () => {
    element.querySelector<HTMLButtonElement>("button[type=submit]")!.click();
    await look();
    await look();
  };
  return { element, asked, dialog, fill, submit };
}

describe("the dialog of an action", () => {
  it("asks for no refund when the amount is not a number: none at all would mean everything", async () => {
    for (const text of ["10,00", "$5", "ten", "1,299.00"]) {
      TestBed.resetTestingModule();
      const { asked, element, fill, submit } = await opened([AMOUNT]);
      await fill(text);
      await submit();
      expect(asked).toEqual([]);
      expect(element.textContent).toContain("Write a number, such as 12.50.");
    }
  });

  it("takes a number with blanks around it, and one below zero", async () => {
    const { asked, fill, submit } = await opened([AMOUNT]);
    await fill(" -10.5 ");
    await submit();
    expect(asked.map((values) => Number(values["amount"]))).toEqual([-10.5]);
  });

  it("takes whole units only", async () => {
    const { asked, element, fill, submit } = await opened([UNITS]);
    await fill("1.5");
    await submit();
    expect(asked).toEqual([]);
    expect(element.textContent).toContain("Write a whole number, such as 12.");
  });

  it("says what is needed when nothing is filled in", async () => {
    const { asked, element, submit } = await opened([UNITS]);
    await submit();
    expect(asked).toEqual([]);
    expect(element.textContent).toContain("This is needed.");
  });

  it("shows what the shop refuses beside its field, and tries again as it is", async () => {
    const refused = new Problem(400, "validation", "The request is invalid.", [{ pointer: "/amount", detail: "must be above 0" }, { pointer: "/other", detail: "is odd" }]);
    const { asked, element, fill, submit } = await opened([AMOUNT], () => Promise.reject(refused));
    await fill("0");
    await submit();
    expect(element.querySelector("mat-error")?.textContent).toBe("must be above 0");
    expect(element.querySelector("[role=alert] li")?.textContent).toContain("other is odd");
    await submit();
    expect(asked).toHaveLength(2);
  });

  it("is closed by its buttons alone once something is typed", async () => {
    const { dialog, fill } = await opened([AMOUNT]);
    expect(dialog.disableClose).toBe(false);
    await fill("12");
    expect(dialog.disableClose).toBe(true);
  });
});
