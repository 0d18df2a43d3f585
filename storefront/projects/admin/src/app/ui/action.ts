import { Component, ElementRef, inject, Injectable, signal } from "@angular/core";
import { FormsModule, NgForm, ValidationErrors } from "@angular/forms";
import { MatButton } from "@angular/material/button";
import { MatCheckbox } from "@angular/material/checkbox";
import { MAT_DIALOG_DATA, MatDialog, MatDialogModule, MatDialogRef } from "@angular/material/dialog";
import { MatError, MatFormField, MatHint, MatLabel } from "@angular/material/form-field";
import { MatInput } from "@angular/material/input";
import { MatProgressBar } from "@angular/material/progress-bar";
import { MatOption, MatSelect } from "@angular/material/select";
import { MatSnackBar } from "@angular/material/snack-bar";
import { Problem } from "@kibble/shared";
import { firstValueFrom } from "rxjs";

import { NUMBER, WHOLE_NUMBER } from "./number";

/** Something to fill in before an action. `pointers` name it in the API's answers, where its own name does not. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly kind: "text" | "long" | "number" | "whole" | "choice" | "check" | "moment";
  readonly value?: string;
  readonly hint?: string;
  readonly required?: boolean;
  readonly pointers?: readonly string[];
  readonly options?: readonly { readonly value: string; readonly label: string }[];
}

/** What was filled in, by the fields' names; a check is "yes" or "". */
export type Values = Readonly<Record<string, string>>;

/**
 * Something that changes the shop: what it will do (`says`), what to fill in, and how it is done.
 *
 * `run` gets one idempotency key for all its attempts. `done` says what became of it, if anything is to be said.
 */
export interface Action<T> {
  readonly title: string;
  readonly says: readonly string[];
  readonly confirm: string;
  readonly danger?: boolean;
  /** What the button that leaves it undone says; "Close" when left out. */
  readonly dismiss?: string;
  readonly fields?: readonly Field[];
  /** What it would do with what is filled in so far. */
  readonly foretold?: (values: Values) => readonly string[];
  readonly run: (values: Values, idempotencyKey: string, progress: (text: string) => void) => Promise<T>;
  readonly done: (result: T) => string;
}

/**
 * Asks, does, and tells: the dialog stays open with the problem's sentence when the answer is no.
 *
 * Once something is typed, only its buttons close it: a click beside it or Escape loses nothing.
 */
@Component({
  imports: [
    FormsModule, MatButton, MatCheckbox, MatDialogModule, MatError, MatFormField, MatHint, MatInput, MatLabel, MatOption,
    MatProgressBar, MatSelect,
  ],
  template: `
    <h2 mat-dialog-title>{{ action.title }}</h2>
    <form (ngSubmit)="submit(form)" (input)="dialog.disableClose = true" #form="ngForm">
      <mat-dialog-content>
        @for (line of action.says; track $index) {
          <p>{{ line }}</p>
        }
        <div class="fields">
          @for (field of action.fields ?? []; track field.name) {
            @if (field.kind === "check") {
              <mat-checkbox [name]="field.name" [(ngModel)]="checks[field.name]">{{ field.label }}</mat-checkbox>
            } @else {
              <mat-form-field>
                <mat-label>{{ field.label }}</mat-label>
                @switch (field.kind) {
                  @case ("choice") {
                    <mat-select [name]="field.name" [(ngModel)]="values[field.name]" [required]="field.required ?? false">
                      @for (option of field.options ?? []; track option.value) {
                        <mat-option [value]="option.value">{{ option.label }}</mat-option>
                      }
                    </mat-select>
                  }
                  @case ("long") {
                    <textarea matInput rows="4" [name]="field.name" [(ngModel)]="values[field.name]" [required]="field.required ?? false"></textarea>
                  }
                  @default {
                    <input matInput [type]="field.kind === 'moment' ? 'datetime-local' : 'text'" [name]="field.name" [(ngModel)]="values[field.name]" [required]="field.required ?? false"
                      [pattern]="patterns[field.kind] ?? ''" [attr.inputmode]="field.kind === 'number' ? 'decimal' : null" autocomplete="off" />
                  }
                }
                @if (field.hint) { <mat-hint>{{ field.hint }}</mat-hint> }
                <mat-error>{{ wrong(field, form.controls[field.name]?.errors) }}</mat-error>
              </mat-form-field>
            }
          }
        </div>
        @if (action.foretold; as foretold) {
          <div class="foretold" aria-live="polite">
            @for (line of foretold(values); track $index) { <div>{{ line }}</div> }
          </div>
        }
      </mat-dialog-content>
      <div class="outcome">
        @if (progress()) { <p role="status">{{ progress() }}</p> }
        @if (problem(); as problem) {
          <div class="bad" role="alert">
            <p>{{ problem.message }}</p>
            @if (unplaced().length) {
              <ul>
                @for (error of unplaced(); track $index) { <li>{{ error.pointer.slice(1) }} {{ error.detail }}</li> }
              </ul>
            }
          </div>
        }
        @if (busy()) { <mat-progress-bar mode="indeterminate" aria-label="Working" /> }
      </div>
      <mat-dialog-actions align="end">
        <button mat-button type="button" mat-dialog-close [disabled]="busy()">{{ action.dismiss ?? "Close" }}</button>
        <button mat-flat-button type="submit" [class.danger]="action.danger" [disabled]="busy()">{{ action.confirm }}</button>
      </mat-dialog-actions>
    </form>
  `,
  styles: `
    p { margin: 0 0 0.5rem; }
    .fields { display: grid; gap: 0.5rem; padding-top: 0.25rem; }
    .foretold { padding-top: 0.5rem; }
    ul { margin: 0; padding-inline-start: 1.25rem; }
    .outcome { padding-inline: 1.5rem; }
    .danger:not([disabled]) { background: var(--mat-sys-error); color: var(--mat-sys-on-error); }
  `,
})
export class ActionDialog {
  protected readonly action = inject<Action<unknown>>(MAT_DIALOG_DATA);
  protected readonly busy = signal(false);
  protected readonly progress = signal("");
  protected readonly problem = signal<Problem | null>(null);
  protected readonly values: Record<string, string> = {};
  protected readonly checks: Record<string, boolean> = {};
  protected readonly patterns: Partial<Record<Field["kind"], string>> = { number: NUMBER, whole: WHOLE_NUMBER };
  /** What is wrong with something that is not filled in here. */
  protected readonly unplaced = signal<Problem["errors"]>([]);
  private readonly host = inject<ElementRef<HTMLElement>>(ElementRef);
  protected readonly dialog = inject<MatDialogRef<ActionDialog, { result: unknown }>>(MatDialogRef);
  private key = crypto.randomUUID();

  constructor() {
    for (const field of this.action.fields ?? []) {
      if (field.kind === "check") this.checks[field.name] = field.value === "yes";
      else this.values[field.name] = field.value ?? "";
    }
  }

  /** Do it; the same key is used again only when it is not known what became of the last attempt. */
  protected async submit(form: NgForm): Promise<void> {
    for (const control of Object.values(form.controls)) control.updateValueAndValidity(); // forgets what the API said of it
    if (form.invalid) return this.showWrong();
    this.busy.set(true);
    this.dialog.disableClose = true;
    this.problem.set(null);
    const checked = Object.entries(this.checks).map(([name, on]) => [name, on ? "yes" : ""]);
    const values: Values = { ...this.values, ...Object.fromEntries(checked) };
    try {
      const result = await this.action.run(values, this.key, (text) => this.progress.set(text));
      this.dialog.close({ result });
    } catch (thrown) {
      const problem = Problem.of(thrown);
      this.place(problem, form);
      if (!problem.passing) this.key = crypto.randomUUID();
    } finally {
      this.busy.set(false);
      this.dialog.disableClose = form.dirty ?? false;
    }
  }

  protected wrong(field: Field, errors: ValidationErrors | null | undefined): string {
    if (errors?.["told"]) return errors["told"] as string;
    if (errors?.["pattern"]) return field.kind === "whole" ? "Write a whole number, such as 12." : "Write a number, such as 12.50.";
    return "This is needed.";
  }

  /** Show what is wrong beside the fields that it is about, and the rest below them. */
  private place(problem: Problem, form: NgForm): void {
    const unplaced = problem.errors.filter(({ pointer, detail }) => {
      const field = this.action.fields?.find(({ name, pointers }) => (pointers ?? [name]).includes(pointer.slice(1)));
      if (!field || field.kind === "check") return true;
      form.controls[field.name]?.setErrors({ told: detail });
      return false;
    });
    this.unplaced.set(unplaced);
    this.problem.set(problem);
    if (form.invalid) this.showWrong();
  }

  private showWrong(): void {
    this.host.nativeElement.querySelector<HTMLElement>("mat-form-field .ng-invalid")?.focus();
  }
}

/** Opens the dialog of an action, and tells what became of it. */
@Injectable({ providedIn: "root" })
export class Actions {
  private readonly dialogs = inject(MatDialog);
  private readonly snacks = inject(MatSnackBar);

  /** Return what the action gave, or null when it was left undone. */
  async ask<T>(action: Action<T>): Promise<T | null> {
    const dialog = this.dialogs.open<ActionDialog, Action<T>, { result: T }>(ActionDialog, {
      data: action,
      width: "30rem",
      maxWidth: "calc(100vw - 2rem)",
    });
    const closed = await firstValueFrom(dialog.afterClosed());
    if (!closed) return null;
    const said = action.done(closed.result);
    if (said) this.tell(said);
    return closed.result;
  }

  /** Ask whether a page may be left with what was typed on it lost. */
  async leave(): Promise<boolean> {
    const left = await this.ask({
      title: "Leave without saving?",
      says: ["What you changed on this page is not saved, and would be lost."],
      confirm: "Leave",
      dismiss: "Stay",
      danger: true,
      run: () => Promise.resolve(true),
      done: () => "",
    });
    return left ?? false;
  }

  /** Show a sentence for a while, and have it read out. */
  tell(text: string): void {
    this.snacks.open(text, "OK", { duration: 8000 });
  }
}
