import AxeBuilder from "@axe-core/playwright";
import { Page } from "@playwright/test";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** What a theme can break: it changes colours, and nothing else. */
const OF_A_THEME = ["color-contrast", "link-in-text-block"];

/** Return which of axe's rules a page breaks in either theme, and where; by `name`, or by its address. */
export async function barriers(page: Page, name = page.url()): Promise<readonly string[]> {
  await page.waitForLoadState("networkidle");
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  const light = await new AxeBuilder({ page }).withTags(RULES).analyze();
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  const dark = await new AxeBuilder({ page }).withRules(OF_A_THEME).analyze();
  const told = (theme: string, found: typeof light) =>
    found.violations.map(({ id, nodes }) => `${name} (${theme}): ${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  return [...told("light", light), ...told("dark", dark)];
}
