import { Field, Values } from "./action";

/** From when until when something holds, as the API tells it. */
export interface Period {
  readonly startsAt?: string | null;
  readonly endsAt?: string | null;
}

/** Return the fields that ask from when until when, filled in with those of `period`; their times are those of the reader's place. */
export function periodFields(period: Period | null): readonly Field[] {
  return [
    { name: "startsAt", label: "From", kind: "moment", value: local(period?.startsAt), hint: "your time; at once when empty" },
    { name: "endsAt", label: "Until", kind: "moment", value: local(period?.endsAt), hint: "your time; until it is ended when empty" },
  ];
}

/** Return what was filled in as the API takes it. */
export function periodOf(values: Values): { readonly startsAt: string | null; readonly endsAt: string | null } {
  return { startsAt: moment(values["startsAt"]), endsAt: moment(values["endsAt"]) };
}

/** Return the moment at which a day of a date field begins in the reader's place, as the API takes it; null for none. */
export function beginningOf(day: string): string | null {
  return day ? moment(`${day}T00:00`) : null;
}

/** Return the day of a moment in the reader's place, as a date field takes it; empty for none. */
export function dayOf(at: string | null | undefined): string {
  return local(at).slice(0, 10);
}

function moment(text: string | undefined): string | null {
  return text ? new Date(text).toISOString() : null;
}

function local(moment: string | null | undefined): string {
  if (!moment) return "";
  const at = new Date(moment);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
