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
const HIDDEN = new Set(["brand", "species"]);
const GRAMS_PER_POUND = 453.592;

/** Return what is known of a product in a shopper's words: pairs of a name and a value. */
export function facts(attributes: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  return Object.entries(attributes)
    .filter(([name, value]) => !HIDDEN.has(name) && value !== null && value !== "")
    .map(([name, value]) => [NAMES[name] ?? words(name), told(name, value)] as const);
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
