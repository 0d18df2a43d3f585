import { Component, computed, effect, inject, linkedSignal, resource, signal } from "@angular/core";
import { Api, PreferencesView, Problem, Session } from "@kibble/shared";

import { Head } from "../core/head";
import { Toasts } from "../core/toasts";
import { Waiting } from "./waiting";

const CHANNELS: readonly (readonly [string, string])[] = [["email", "E-mail"], ["sms", "SMS"], ["inApp", "Inbox"]];
const TYPES: Readonly<Record<string, string>> = {
  order_confirmed: "Your order is confirmed",
  order_shipped: "Your parcel is on its way",
  order_delivered: "Your parcel has arrived",
  order_cancelled: "Your order is cancelled",
  order_returned: "Your return has arrived",
  order_refunded: "Your money is on its way back",
  payment_failed: "A payment did not work",
  back_in_stock: "Something is back",
  price_drop: "A price went down",
  promotion: "An offer for you",
  subscription_reminder: "An Autoship is coming up",
};
const LANGUAGES = [["en", "English"], ["es", "Español"]] as const;
type Language = (typeof LANGUAGES)[number][0];

/** What one wants to hear, where, and when not. */
@Component({
  selector: "kb-preferences",
  imports: [Waiting],
  template: `
    <h1>Notifications</h1>
    @if (shown(); as shown) {
      <form class="box stack form" (submit)="save($event)">
        <table>
          <caption class="seen-by-readers">What you hear, and where</caption>
          <thead><tr><th scope="col">What</th>@for (channel of channels; track channel[0]) { <th scope="col">{{ channel[1] }}</th> }</tr></thead>
          <tbody>
            @for (type of types(); track type[0]) {
              <tr>
                <th scope="row">{{ type[1] }}</th>
                @for (channel of channels; track channel[0]) {
                  <td><input type="checkbox" [attr.aria-label]="type[1] + ' by ' + channel[1]" [checked]="on(type[0], channel[0])" (change)="flip(type[0], channel[0])" /></td>
                }
              </tr>
            }
          </tbody>
        </table>
        <label class="stack-2">
          <span class="strong">Write to me in</span>
          <select class="input" name="language" (change)="language.set($any($event.target).value)">
            @for (one of languages; track one[0]) { <option [value]="one[0]" [lang]="one[0]" [selected]="one[0] === language()">{{ one[1] }}</option> }
          </select>
        </label>
        <fieldset class="stack-2">
          <legend class="strong">Quiet hours</legend>
          <label class="check"><input type="checkbox" [checked]="quiet()" (change)="quiet.set(!quiet())" /> No messages while I sleep</label>
          @if (quiet()) {
            <div class="row">
              <label class="row">from <input class="input time" type="time" [value]="start()" (input)="start.set($any($event.target).value)" /></label>
              <label class="row">to <input class="input time" type="time" [value]="end()" (input)="end.set($any($event.target).value)" /></label>
            </div>
          }
        </fieldset>
        <fieldset class="stack-2">
          <legend class="strong">Offers, and what is back</legend>
          <label class="check"><input type="checkbox" [checked]="daily()" (change)="daily.set(!daily())" /> One e-mail a day, in place of each</label>
          @if (daily()) {
            <label class="row">at <input class="input time" type="time" [value]="at()" (input)="at.set($any($event.target).value)" /></label>
          }
        </fieldset>
        @if (wrong(); as wrong) {
          <p class="note bad" role="alert">{{ wrong }}</p>
        }
        <button class="button" type="submit">Save</button>
      </form>
      <kb-waiting />
    }
  `,
  styles: `
    .form { margin-top: 1rem; }
    .time { width: auto; }
    th { font-weight: 500; padding-right: 0.75rem; }
    thead th { font-weight: 650; border-top: 0; white-space: nowrap; }
    table { margin-bottom: 0.5rem; }
  `,
})
export class Preferences {
  private readonly api = inject(Api);
  private readonly session = inject(Session);
  private readonly toasts = inject(Toasts);
  private readonly loaded = resource({
    params: () => this.session.customerId() ?? undefined,
    loader: ({ params }) => this.api.get("/api/notifications/preferences/{customerId}", { path: { customerId: params } }),
  });
  protected readonly shown = computed<PreferencesView | null>(() => (this.loaded.hasValue() ? this.loaded.value() : null));
  private readonly customer = resource({
    params: () => this.session.customerId() ?? undefined,
    loader: ({ params }) => this.api.get("/api/customers/{customerId}", { path: { customerId: params } }),
  });
  private readonly changed = signal<Readonly<Record<string, Readonly<Record<string, boolean>>>>>({});
  protected readonly types = signal(Object.entries(TYPES));
  protected readonly languages = LANGUAGES;
  protected readonly language = linkedSignal<Language>(() => (this.customer.hasValue() ? (this.customer.value().preferences.language ?? "en") : "en"));
  protected readonly channels = CHANNELS;
  protected readonly quiet = signal(false);
  protected readonly start = signal("22:00");
  protected readonly end = signal("07:00");
  protected readonly daily = signal(false);
  protected readonly at = signal("18:00");
  protected readonly wrong = signal("");

  constructor() {
    inject(Head).tell({ title: "Notifications" });
    effect(() => {
      const hours = this.shown()?.quietHours;
      this.quiet.set(Boolean(hours));
      const digest = this.shown()?.digest;
      this.daily.set(Boolean(digest));
      if (digest) this.at.set(digest.at);
      if (hours) {
        this.start.set(hours.start);
        this.end.set(hours.end);
      }
    });
  }

  protected on(type: string, channel: string): boolean {
    const shown = this.shown();
    return this.changed()[type]?.[channel] ?? shown?.types[type]?.[channel] ?? shown?.channels[channel] ?? false;
  }

  protected flip(type: string, channel: string): void {
    const value = !this.on(type, channel);
    this.changed.update((all) => ({ ...all, [type]: { ...all[type], [channel]: value } }));
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    const customerId = this.session.customerId();
    const shown = this.shown();
    if (!customerId || !shown) return;
    const names = [...Object.keys(shown.types), ...Object.keys(this.changed())];
    const types = Object.fromEntries(names.map((type) => [type, { ...shown.types[type], ...this.changed()[type] }]));
    const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const quietHours = this.quiet() ? { start: this.start(), end: this.end(), timeZone } : null;
    try {
      const digest = this.daily() ? { at: this.at(), timeZone } : null;
      const body = { channels: shown.channels, types, quietHours, digest };
      this.loaded.set(await this.api.put("/api/notifications/preferences/{customerId}", { path: { customerId }, body }));
      const preferences = { language: this.language() };
      this.customer.set(await this.api.patch("/api/customers/{customerId}", { path: { customerId }, body: { preferences } }));
      this.changed.set({});
      this.wrong.set("");
      this.toasts.show("Saved.");
    } catch (thrown) {
      this.wrong.set(Problem.of(thrown).message);
    }
  }
}
