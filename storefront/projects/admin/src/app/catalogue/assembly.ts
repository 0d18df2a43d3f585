/** Return `Size: S, M, L` lines as a product's options. */
export function optionsOf(text: string): { readonly name: string; readonly values: readonly string[] }[] {
  return text
    .split("\n")
    .filter((line) => line.includes(":"))
    .map((line) => {
      const at = line.indexOf(":");
      return { name: line.slice(0, at).trim(), values: line.slice(at + 1).split(",").map((value) => value.trim()).filter(Boolean) };
    });
}

/** Return `2 x SKU` lines as a bundle's contents; a line without a number stands for one unit. */
export function componentsOf(text: string): { readonly sku: string; readonly quantity: number }[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const found = /^(\d+)\s*[x×]\s*(.+)$/.exec(line);
      return found ? { sku: found[2]!.trim(), quantity: Number(found[1]) } : { sku: line, quantity: 1 };
    });
}
