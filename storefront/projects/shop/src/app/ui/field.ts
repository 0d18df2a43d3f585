import { Component, input, model } from "@angular/core";

/** A labelled text field whose error is told with it. */
@Component({
  selector: "kb-field",
  template: `
    <div class="field">
      <label [for]="name()">{{ label() }}</label>
      <input
        class="input"
        [id]="name()"
        [name]="name()"
        [type]="type()"
        [value]="value()"
        [attr.autocomplete]="autocomplete()"
        [attr.inputmode]="inputmode()"
        [required]="required()"
        [attr.aria-invalid]="error() ? true : null"
        [attr.aria-describedby]="error() ? name() + '-error' : hint() ? name() + '-hint' : null"
        (input)="value.set($any($event.target).value)"
      />
      @if (error()) {
        <p class="error" [id]="name() + '-error'">{{ error() }}</p>
      } @else if (hint()) {
        <p class="hint" [id]="name() + '-hint'">{{ hint() }}</p>
      }
    </div>
  `,
})
export class Field {
  readonly name = input.required<string>();
  readonly label = input.required<string>();
  readonly type = input("text");
  readonly autocomplete = input<string | null>(null);
  readonly inputmode = input<string | null>(null);
  readonly required = input(false);
  readonly hint = input<string | null>(null);
  readonly error = input<string | null | undefined>(null);
  readonly value = model("");
}
