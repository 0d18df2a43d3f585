import { Component, computed, inject, signal } from "@angular/core";
import { PetBody } from "@kibble/shared";

import { dateOf } from "../autoship/words";
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
            <p class="row">
              <button class="link" type="button" [attr.aria-label]="'Change ' + pet.name" (click)="begin($index)">Change</button>
              <button class="link danger" type="button" [attr.aria-label]="'Remove ' + pet.name" (click)="remove($index)">Remove</button>
            </p>
          </li>
        }
      </ul>
      @if (pets().length === 0 && written() === null) {
        <kb-empty><h2>Who is at home?</h2><p class="quiet">Tell us who eats here, and what does not agree with them.</p></kb-empty>
      }
      @if (written() !== null) {
        <form class="box stack" (submit)="save($event)" novalidate>
          <kb-field name="pet-name" label="Name" [required]="true" [error]="errors()['name']" [(value)]="name" />
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
            <kb-field name="birthday" label="Birthday" type="date" [error]="errors()['birthday']" [(value)]="birthday" />
            <kb-field name="weight" label="Weight in pounds" inputmode="decimal" [error]="errors()['weight']" [(value)]="weight" />
            <kb-field name="allergies" label="What they must not eat" hint="With commas between." [(value)]="allergies" />
          </div>
          @if (errors()["all"]; as wrong) {
            <p class="note bad" role="alert">{{ wrong }}</p>
          }
          <div class="row"><button class="button" type="submit">Keep</button><button class="button plain" type="button" (click)="written.set(null)">Never mind</button></div>
        </form>
      } @else {
        <button class="button plain" type="button" (click)="begin(pets().length)">Add a pet</button>
      }
    }
  `,
  styles: `.list { margin-block: 1rem; }`,
})
export class Pets {
  protected readonly me = inject(Me);
  protected readonly pets = computed<readonly PetBody[]>(() => this.me.customer()?.pets ?? []);
  /** Which pet is being written: its place, one past the last for a new one. */
  protected readonly written = signal<number | null>(null);
  /** What is wrong, by field. */
  protected readonly errors = signal<Readonly<Record<string, string>>>({});
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

  protected begin(index: number): void {
    const pet = this.pets()[index];
    this.name.set(pet?.name ?? "");
    this.species.set(pet?.species ?? "dog");
    this.breed.set(pet?.breed ?? "");
    this.birthday.set(pet?.birthday ?? "");
    this.weight.set(pet?.weightGrams ? String(Number((pet.weightGrams / GRAMS_PER_POUND).toFixed(1))) : "");
    this.allergies.set((pet?.allergies ?? []).join(", "));
    this.errors.set({});
    this.written.set(index);
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    const index = this.written();
    this.errors.set(this.wrongs());
    if (index === null || Object.keys(this.errors()).length > 0) return;
    const pet: PetBody = {
      name: this.name().trim(),
      species: this.species(),
      breed: this.breed().trim() || null,
      birthday: this.birthday() || null,
      weightGrams: this.weight().trim() ? Math.round(this.pounds() * GRAMS_PER_POUND) : null,
      allergies: this.allergies().split(",").map((one) => one.trim()).filter(Boolean),
    };
    const pets = [...this.pets().slice(0, index), pet, ...this.pets().slice(index + 1)];
    const problem = await this.me.change({ pets }, `${pet.name} is in.`);
    if (problem) this.errors.set({ all: problem.errors[0]?.detail ?? problem.message });
    else this.written.set(null);
  }

  protected async remove(index: number): Promise<void> {
    this.written.set(null);
    await this.me.change({ pets: this.pets().filter((_, at) => at !== index) }, "Removed.");
  }

  private pounds(): number {
    return Number(this.weight().trim().replace(",", "."));
  }

  private wrongs(): Readonly<Record<string, string>> {
    const found: Record<string, string> = {};
    if (!this.name().trim()) found["name"] = "Everybody has a name.";
    if (this.birthday() > dateOf(new Date())) found["birthday"] = "This day is yet to come.";
    if (this.weight().trim() && !(this.pounds() > 0)) found["weight"] = "Write a number, such as 12.5.";
    return found;
  }
}
