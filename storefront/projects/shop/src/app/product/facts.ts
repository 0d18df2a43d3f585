const NAMES: Readonly<Record<string, string>> = {
  packSize: "Pack",
  lifeStage: "For age",
  breedSize: "For size",
  flavour: "Flavour",
  ingredients: "Ingredients",
  allergens: "Contains",
  feedingGuide: "Feeding",
  kcalPerCup: "Energy",
  weightGrams: "Weight",
  material: "Material",
  dimensions: "Size",
};
const HIDDEN = new Set(["brand", "species", "lengthMm", "widthMm", "heightMm", "coldChain", "hazardous"]);
const MILLIMETRES_PER_INCH = 25.4;
const GRAMS_PER_POUND = 453.592;

/** Return what is known of a product in a shopper's words: pairs of a name and a value. */
export function facts(attributes: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  const known = Object.entries(attributes)
    .filter(([name, value]) => !HIDDEN.has(name) && value !== null && value !== "")
    .map(([name, value]) => [NAMES[name] ?? words(name), told(name, value)] as const);
  return [...known, ...packed(attributes), ...handling(attributes)];
}

function packed(attributes: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  const sides = ["lengthMm", "widthMm", "heightMm"].map((name) => Number(attributes[name]));
  if (sides.some((side) => !(side > 0))) return [];
  const inches = sides.map((side) => (side / MILLIMETRES_PER_INCH).toFixed(1)).join(" × ");
  return [["Packed", `${inches} in (${sides.map((side) => Math.round(side / 10)).join(" × ")} cm)`]];
}

function handling(attributes: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  const told: (readonly [string, string])[] = [];
  if (attributes["coldChain"] === true) told.push(["Shipping", "kept cold, in a parcel of its own, never over a weekend"]);
  if (attributes["hazardous"] === true) told.push(["Shipping", "by ground only, in a parcel of its own"]);
  return told;
}

function told(name: string, value: unknown): string {
  if (name === "weightGrams") return `${(Number(value) / GRAMS_PER_POUND).toFixed(1)} lb (${(Number(value) / 1000).toFixed(2)} kg)`;
  if (name === "kcalPerCup") return `${value} kcal per cup`;
  if (typeof value === "boolean") return value ? "yes" : "no";
  return String(value);
}

function words(name: string): string {
  const spaced = name.replace(/([A-Z])/g, " $1").toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
