import { DeliveryView, EventView, NewWebhook, WebhookView } from "@kibble/shared";

import { Field, Values } from "../ui/action";

const REASONS: Readonly<Record<string, string>> = {
  staff: "Off",
  failing: "Off: it failed for five days",
  gone: "Off: it said that it is gone",
};

/** Say whether an endpoint is told of things, and if not why. */
export function standing(one: Pick<WebhookView, "enabled" | "disabledReason" | "failingSince">): string {
  if (!one.enabled) return REASONS[one.disabledReason ?? "staff"] ?? "Off";
  return one.failingSince ? "Failing" : "On";
}

/** Say what came back from the latest attempt of a delivery. */
export function outcome(one: Pick<DeliveryView, "lastAttempt">): string {
  const last = one.lastAttempt;
  if (!last) return "Not tried yet";
  return `${last.status ?? last.error ?? "No answer"}, ${last.milliseconds} ms`;
}

/** Return the fields to describe an endpoint with, as it is now or afresh. */
export function endpointFields(events: readonly EventView[], now?: WebhookView): readonly Field[] {
  return [
    { name: "url", label: "Address", kind: "text", required: true, value: now?.url ?? "", hint: "https, of the public internet" },
    { name: "description", label: "What it is", kind: "text", value: now?.description ?? "" },
    { name: "contact", label: "Who hears when it is switched off (e-mail)", kind: "text", value: now?.contact ?? "" },
    {
      name: "fields", label: "What it is told", kind: "choice", required: true, value: now?.fields ?? "ids",
      options: [
        { value: "ids", label: "Ids and states" },
        { value: "details", label: "All but what names people" },
        { value: "personal", label: "Addresses and e-mail too" },
      ],
    },
    ...events.map(
      ({ type, about }): Field => ({ name: `event ${type}`, label: `${type}: ${about}`, kind: "check", value: now?.events.includes(type) ? "yes" : "" }),
    ),
  ];
}

/** Return what was filled in, as the API takes it. */
export function filledIn(values: Values, events: readonly EventView[]): NewWebhook {
  return {
    url: (values["url"] ?? "").trim(),
    description: (values["description"] ?? "").trim(),
    contact: (values["contact"] ?? "").trim() || null,
    fields: (values["fields"] ?? "ids") as NonNullable<NewWebhook["fields"]>,
    events: events.map(({ type }) => type).filter((type) => values[`event ${type}`] === "yes"),
  };
}

/** Return the moment that a day begins (UTC), or null for what is no day. */
export function dayBegins(text: string): string | null {
  const day = /^\d{4}-\d{2}-\d{2}$/.exec(text.trim())?.[0];
  if (!day || Number.isNaN(Date.parse(`${day}T00:00:00Z`))) return null;
  return `${day}T00:00:00Z`;
}
