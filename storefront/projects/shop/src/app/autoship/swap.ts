import { Component, inject, input, output, signal } from "@angular/core";
import { Api, MoneyPipe, Problem } from "@kibble/shared";

import { Field } from "../ui/field";

const SHOWN = 6;

interface Found {
  readonly id: string;
  readonly name: string;
  readonly price: number;
  readonly sizes: boolean;
}

/** Another product in a line's place: found by words, and where it comes in sizes, one of them. */
@Component({
  selector: "kb-swap",
  imports: [MoneyPipe, Field],
  template: `
    <div class="stack-2">
      <form class="row ask" role="search" aria-label="Find another product" (submit)="find($event)">
        <kb-field [name]="'swap-' + itemId()" label="Send instead" [(value)]="words" />
        <button class="button plain" type="submit">Find</button>
      </form>
      <ul class="plain-list" aria-live="polite">
        @for (one of found(); track one.id) {
          <li class="spread">
            <span>{{ one.name }}, {{ one.sizes ? "from " : "" }}<span class="price">{{ one.price | money }}</span></span>
            <button class="button plain" type="button" [attr.aria-label]="(one.sizes ? 'Choose a size of ' : 'Take ') + one.name" (click)="take(one)">{{ one.sizes ? "Choose a size" : "Take this" }}</button>
          </li>
        } @empty {
          @if (asked()) {
            <li>{{ trouble() || "Nothing fits these words." }}</li>
          }
        }
      </ul>
    </div>
  `,
  styles: `
    .ask { align-items: end; flex-wrap: nowrap; }
    kb-field { flex: 1; }
  `,
})
export class Swap {
  private readonly api = inject(Api);
  readonly itemId = input.required<string>();
  /** The product that was chosen. */
  readonly chosen = output<string>();
  protected readonly words = signal("");
  protected readonly asked = signal(false);
  protected readonly trouble = signal("");
  protected readonly found = signal<readonly Found[]>([]);

  protected async find(event: Event): Promise<void> {
    event.preventDefault();
    const q = this.words().trim();
    if (!q) return;
    await this.show(async () => {
      const products = await this.api.get("/api/products/search", { query: { q, inStock: true, limit: SHOWN } });
      return products.map(({ id, name, price, from, kind }) => ({ id, name, price: from?.price ?? price, sizes: kind === "configurable" }));
    });
  }

  protected async take(one: Found): Promise<void> {
    if (!one.sizes) return this.chosen.emit(one.id);
    await this.show(async () => {
      const { variants } = await this.api.get("/api/products/{productId}", { path: { productId: one.id } });
      return (variants ?? []).filter((each) => each.stock > 0).map(({ id, name, price }) => ({ id, name, price, sizes: false }));
    });
  }

  private async show(read: () => Promise<readonly Found[]>): Promise<void> {
    this.trouble.set("");
    try {
      this.found.set(await read());
    } catch (thrown) {
      this.found.set([]);
      this.trouble.set(Problem.of(thrown).message);
    }
    this.asked.set(true);
  }
}
