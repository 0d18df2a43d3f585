import { Component, computed, input, output } from "@angular/core";
import { Params } from "@angular/router";
import { CountView, FacetsView, formatMoney } from "@kibble/shared";

import { Wish } from "./query";

const NAMES: Readonly<Record<string, string>> = {
  species: "Animal",
  lifeStage: "Age",
  flavour: "Flavour",
  breedSize: "Size of dog",
  size: "Size",
  colour: "Colour",
  material: "Material",
};
const MOST = 10;

interface Group {
  readonly title: string;
  readonly parameter: string;
  readonly values: readonly CountView[];
  readonly chosen: string | undefined;
}

/** What a list can be narrowed down to, with counts. */
@Component({
  selector: "kb-facets",
  template: `
    <div class="facet">
      <label class="check"><input type="checkbox" [checked]="wish().inStock" (change)="pick.emit({ inStock: wish().inStock ? null : true })" /> In stock only</label>
      <label class="check"><input type="checkbox" [checked]="wish().onSale" (change)="pick.emit({ onSale: wish().onSale ? null : true })" /> On sale only</label>
    </div>
    <div class="facet">
      <h2>Price</h2>
      <ul>
        @for (band of facets()?.prices ?? []; track band.value) {
          <li>
            <button class="pick" type="button" [attr.aria-pressed]="isBand(band)" (click)="pickBand(band)">
              <span class="mark" aria-hidden="true">{{ isBand(band) ? "✓" : "" }}</span>
              <span>{{ words(band) }}</span><span class="small quiet">{{ band.count }}</span>
            </button>
          </li>
        }
      </ul>
      <form class="row range" (submit)="range($event, least.value, most.value)">
        <input #least class="input" type="number" min="0" step="1" inputmode="numeric" placeholder="from" aria-label="Lowest price" [value]="wish().priceMin ?? ''" />
        <input #most class="input" type="number" min="0" step="1" inputmode="numeric" placeholder="to" aria-label="Highest price" [value]="wish().priceMax ?? ''" />
        <button class="button plain" type="submit">Go</button>
      </form>
    </div>
    @for (group of groups(); track group.parameter) {
      <details class="facet" [open]="$index < 2 || group.chosen">
        <summary>{{ group.title }}</summary>
        <ul>
          @for (one of group.values; track one.value) {
            <li>
              <button
                class="pick"
                type="button"
                [attr.aria-pressed]="one.value === group.chosen"
                (click)="choose(group, one.value)"
              >
                <span class="mark" aria-hidden="true">{{ one.value === group.chosen ? "✓" : "" }}</span>
                <span>{{ one.value }}</span><span class="small quiet">{{ one.count }}</span>
              </button>
            </li>
          }
        </ul>
      </details>
    }
  `,
  styles: `
    .range .input { flex: 1; width: 3.5rem; min-height: 2.5rem; padding: 0.2rem 0.6rem; }
    .range { flex-wrap: nowrap; gap: 0.4rem; margin-top: 0.5rem; }
    .range .button { min-height: 2.5rem; padding: 0 0.8rem; }
  `,
})
export class Facets {
  readonly facets = input.required<FacetsView | undefined>();
  readonly wish = input.required<Wish>();
  /** The parameters that change. */
  readonly pick = output<Params>();

  protected readonly groups = computed<readonly Group[]>(() => {
    const facets = this.facets();
    if (!facets) return [];
    const wish = this.wish();
    const brands: Group = { title: "Brand", parameter: "brand", values: facets.brands.slice(0, MOST), chosen: wish.brand };
    const others = Object.entries(NAMES).map(([name, title]) => ({
      title,
      parameter: `attr.${name}`,
      values: (facets.attributes[name] ?? []).slice(0, MOST),
      chosen: wish.attributes[name],
    }));
    return [brands, ...others].filter((group) => group.values.length > 1 || group.chosen);
  });

  protected choose(group: Group, value: string): void {
    this.pick.emit({ [group.parameter]: value === group.chosen ? null : value });
  }

  protected isBand(band: { min: number; max?: number | null }): boolean {
    return this.wish().priceMin === band.min && this.wish().priceMax === (band.max ?? undefined);
  }

  protected pickBand(band: { min: number; max?: number | null }): void {
    const on = this.isBand(band);
    this.pick.emit({ priceMin: on ? null : band.min, priceMax: on ? null : (band.max ?? null) });
  }

  protected words(band: { min: number; max?: number | null }): string {
    const whole = (amount: number) => formatMoney(amount).replace(".00", "");
    if (band.max === null || band.max === undefined) return `${whole(band.min)} and more`;
    return band.min === 0 ? `Under ${whole(band.max)}` : `${whole(band.min)} to ${whole(band.max)}`;
  }

  protected range(event: Event, least: string, most: string): void {
    event.preventDefault();
    const [low, high] = least && most && Number(least) > Number(most) ? [most, least] : [least, most];
    this.pick.emit({ priceMin: low || null, priceMax: high || null });
  }
}
