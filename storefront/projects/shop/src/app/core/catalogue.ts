import { httpResource } from "@angular/common/http";
import { computed, Injectable } from "@angular/core";
import { Api, CategoryView } from "@kibble/shared";

import { slug } from "./slug";

/** The tree of categories, read once. */
@Injectable({ providedIn: "root" })
export class Catalogue {
  private readonly tree = httpResource<readonly CategoryView[]>(() => Api.read("/api/categories"));

  /** The categories at the top that have products; what there is most of comes first. */
  readonly top = computed(() => (this.tree.hasValue() ? this.tree.value().filter((one) => one.productCount > 0).sort(bySize) : []));
  /** Whether the tree has arrived. */
  readonly known = computed(() => this.tree.hasValue());
  private readonly paths = computed(() => index(this.top(), []));

  /** Return a category, after those above it, by the name in its address; empty for an unknown one. */
  path(name: string): readonly CategoryView[] {
    return this.paths().get(name) ?? [];
  }

  /** Return the path to a category by its own name. */
  pathByName(name: string): readonly CategoryView[] {
    return this.path(slug(name));
  }
}

function bySize(one: CategoryView, other: CategoryView): number {
  return other.productCount - one.productCount;
}

function index(level: readonly CategoryView[], above: readonly CategoryView[]): Map<string, readonly CategoryView[]> {
  const found = new Map<string, readonly CategoryView[]>();
  for (const category of level) {
    const path = [...above, category];
    found.set(slug(category.name), path);
    for (const [name, below] of index(category.children, path)) found.set(name, below);
  }
  return found;
}
