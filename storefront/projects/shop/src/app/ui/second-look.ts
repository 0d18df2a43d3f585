import { Component, input } from "@angular/core";

/** How many fields are not right yet: it counts down as they are, and is told politely each time. */
@Component({
  selector: "kb-second-look",
  template: `
    <div role="status" aria-atomic="true">
      @if (fields() > 0) {
        <p class="note bad">{{ fields() === 1 ? "One field needs" : fields() + " fields need" }} a second look.</p>
      }
    </div>
  `,
})
export class SecondLook {
  readonly fields = input.required<number>();
}
