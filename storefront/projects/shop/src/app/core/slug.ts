/** Return a name as it stands in an address: "Dog Treats & Chews" is "dog-treats-chews". The gateway does the same. */
export function slug(name: string): string {
  return name
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
}
