import { ImageLoaderConfig } from "@angular/common";

const WIDTHS = [200, 400, 800];
const OURS = /^\/images\/([^.]+)\.(\w+)$/;

/** Return the address of a picture's rendition; a supplier's own pictures have none. */
export function rendition(source: string, width: number | undefined): string {
  const ours = OURS.exec(source);
  if (!ours || !width) return source;
  const fitting = WIDTHS.find((one) => one >= width) ?? 800;
  return `/images/${ours[1]}-${fitting}.${ours[2]}`;
}

/** What NgOptimizedImage asks for the addresses in a `srcset`. */
export function pictureLoader(config: ImageLoaderConfig): string {
  return rendition(config.src, config.width);
}
