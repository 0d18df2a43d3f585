import { Component, computed, inject, signal } from "@angular/core";
import { PetBody } from "@kibble/shared";

import { Head } from "../core/head";
import { Empty } from "../ui/empty";
import { Field } from "../ui/field";
import { Me } from "./me";

const SPECIES = ["dog", "cat", "bird", "fish", "reptile", "small pet"];
const GRAMS_PER_POUND = 453.592;

/** Who it is all for. */
@Component({
  selector: "kb-pets",
  imports: [Empty, Field],
  template: `
    <h1>Pets</h1>
    @if (me.customer()) {
      <ul class="grid-2 list">
        @for (pet of pets(); track $index) {
          <li class="box stack-2">
            <h2>{{ pet.name }}</h2>
            <p class="quiet">{{ words(pet) }}</p>
            @if (pet.allergies && pet.allergies.length > 0) {
              <p class="small"><span class="strong">No</span> {{ pet.allergies.join(", ") }}</p>
            }
            <button class="link danger" type="button" [attr.aria-label]="'Remove ' + pet.name" (click)="remove($index)">Remove</button>
          </li>
        }
      </ul>
      @if (pets().length === 0 && !adding()) {
        <kb-empty><h2>Who is at home?</h2><p class="quiet">Tell us who eats here, and what does not agree with them.</p></kb-empty>
      }
      @if (adding()) {
        <form class="box stack" (submit)="save($event)" novalidate>
          <kb-field name="pet-name" label="Name" [required]="true" [error]="wrong()" [(value)]="name" />
          <div class="field">
            <label for="species">Animal</label>
            <select id="species" class="input" (change)="species.set($any($event.target).value)">
              @for (one of all; track one) {
                <option [value]="one" [selected]="one === species()">{{ one }}</option>
              }
            </select>
          </div>
          <div class="grid-2">
            <kb-field name="breed" label="Breed (if you know it)" [(value)]="breed" />
            <kb-field name="birthday" label="Birthday" type="date" [(value)]="birthday" />
            <kb-field name="weight" label="Weight in pounds" inputmode="decimal" [(value)]="weight" />
            <kb-field name="allergies" label="What they must not eat" hint="With commas between." [(value)]="allergies" />
          </div>
          <div class="row"><button class="button" type="submit">Keep</button><button class="button plain" type="button" (click)="adding.set(false)">Never mind</button></div>
        </form>
      } @else {
        <button class="button plain" type="button" (click)="adding.set(true)">Add a pet</button>
      }
    }
  `,
  styles: `.list { margin-block: 1rem; }`,
})
export class Pets {
  protected readonly me = inject(Me);
  protected readonly pets = computed<readonly PetBody[]>(() => this.me.customer()?.pets ?? []);
  protected readonly adding = signal(false);
  protected readonly wrong = signal<string | null>(null);
  protected readonly name = signal("");
  protected readonly species = signal("dog");
  protected readonly breed = signal("");
  protected readonly birthday = signal("");
  protected readonly weight = signal("");
  protected readonly allergies = signal("");
  protected readonly all = SPECIES;

  constructor() {
    inject(Head).tell({ title: "Pets" });
  }

  protected words(pet: PetBody): string {
    const weight = pet.weightGrams ? `${Math.round(pet.weightGrams / GRAMS_PER_POUND)} lb` : "";
    return [pet.species, pet.breed, weight, pet.birthday ? `born ${pet.birthday}` : ""].filter(Boolean).join(" · ");
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    if (!this.name().trim()) {
      this.wrong.set("Everybody has a name.");
      return;
    }
    const pounds = Number(this.weight().replace(",", "."));
    const pet: PetBody = {
      name: this.name().trim(),
      species: this.species(),
      breed: this.breed().trim() || null,
      birthday: this.birthday() || null,
      weightGrams: pounds > 0 ? Math.round(pounds * GRAMS_PER_POUND) : null,
      allergies: this.allergies().split(",").map((one) => one.trim()).filter(Boolean),
    };
    const problem = await this.me.change({ pets: [...this.pets(), pet] }, `${pet.name} is in.`);
    this.wrong.set(problem ? (problem.errors[0]?.detail ?? problem.message) : null);
    if (problem) return;
    this.adding.set(false);
    for (const field of [this.name, this.breed, this.birthday, this.weight, this.allergies]) field.set("");
  }

  protected async remove(index: number): Promise<void> {
    await this.me.change({ pets: this.pets().filter((_, at) => at !== index) }, "Removed.");
  }
}
