type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Return a comma-separated text as a list, without what is empty or there twice. */
export function listOf(text: string): readonly string[] {
  return [...new Set(text.split(",").map((part) => part.trim()).filter(Boolean))];
}

/** Return attributes as lines of `name: value`. */
export function attributesText(attributes: Attributes): string {
  return Object.entries(attributes).map(([name, value]) => `${name}: ${value}`).join("\n");
}

/** Return lines of `name: value` as attributes; what looks like a number, true or false is one. */
export function attributesOf(text: string): Attributes {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line.includes(":"));
  return Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(":");
      return [line.slice(0, at).trim(), valueOf(line.slice(at + 1).trim())];
    }),
  );
}

/** Return a merge patch (RFC 7396) that makes `before` into `after`: what is left out there is null here. */
export function orNull(before: Attributes, after: Attributes): Readonly<Record<string, string | number | boolean | null>> {
  const gone = Object.keys(before).filter((name) => !(name in after));
  return { ...after, ...Object.fromEntries(gone.map((name) => [name, null])) };
}

/** Return a form that is filled in anew: what was typed since it held `before` stays. */
export function keepTyped<T extends Readonly<Record<string, string>>>(typed: T, before: T, now: T): T {
  const kept = Object.entries(typed).filter(([name, text]) => text !== before[name]);
  return { ...now, ...Object.fromEntries(kept) };
}

function valueOf(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && String(Number(text)) === text ? Number(text) : text;
}
