/**
 * QR codes (ISO/IEC 18004) of short texts: byte mode, error correction M, versions 1 to 10, which hold 213 bytes.
 * An authenticator's address is shorter.
 */

/** A QR code's modules by row and column; true is dark. */
export type Modules = readonly (readonly boolean[])[];

/** By version: error correction bytes a block, and the data bytes of each block (the standard's table for M). */
const BLOCKS: readonly (readonly [number, readonly number[]])[] = [
  [10, [16]],
  [16, [28]],
  [26, [44]],
  [18, [32, 32]],
  [24, [43, 43]],
  [16, [27, 27, 27, 27]],
  [18, [31, 31, 31, 31]],
  [22, [38, 38, 39, 39]],
  [22, [36, 36, 36, 37, 37]],
  [26, [43, 43, 43, 43, 44]],
];
const ALIGNMENT: readonly (readonly number[])[] = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];
const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
];
const FINDER_LIKE = /10111010000|00001011101/g;

/** Return the code of a text; null for one that is too long. */
export function qr(text: string): Modules | null {
  const bytes = [...new TextEncoder().encode(text)];
  const version = BLOCKS.findIndex(([, data], index) => bytes.length + (index < 9 ? 2 : 3) <= sum(data)) + 1;
  if (version === 0) return null;
  const words = interleaved(dataWords(bytes, version), version);
  const drawn = MASKS.map((_, mask) => draw(words, version, mask));
  const penalties = drawn.map(penalty);
  return drawn[penalties.indexOf(Math.min(...penalties))] ?? null;
}

/** Return a code as the path of an SVG of one unit a module, with a quiet zone of four around it. */
export function path(modules: Modules): string {
  return modules.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x + 4} ${y + 4}h1v1h-1z` : ""))).join("");
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function bitsOf(value: number, length: number): string {
  return value.toString(2).padStart(length, "0");
}

function dataWords(bytes: readonly number[], version: number): readonly number[] {
  const capacity = sum(BLOCKS[version - 1]![1]);
  const bits = "0100" + bitsOf(bytes.length, version < 10 ? 8 : 16) + bytes.map((byte) => bitsOf(byte, 8)).join("") + "0000";
  const words = (bits.match(/.{1,8}/g) ?? []).map((word) => parseInt(word.padEnd(8, "0"), 2)).slice(0, capacity);
  return [...words, ...Array.from({ length: capacity - words.length }, (_, index) => (index % 2 === 0 ? 0xec : 0x11))];
}

function interleaved(data: readonly number[], version: number): readonly number[] {
  const [degree, lengths] = BLOCKS[version - 1]!;
  const blocks = lengths.map((length, index) => {
    const from = sum(lengths.slice(0, index));
    return data.slice(from, from + length);
  });
  return [...byColumn(blocks), ...byColumn(blocks.map((block) => correction(block, degree)))];
}

function byColumn(blocks: readonly (readonly number[])[]): readonly number[] {
  const longest = Math.max(...blocks.map((block) => block.length));
  return Array.from({ length: longest }, (_, at) => blocks.filter((block) => at < block.length).map((block) => block[at]!)).flat();
}

/** Multiply in the field of 256 elements modulo x^8 + x^4 + x^3 + x^2 + 1. */
function times(one: number, other: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d);
    product ^= ((other >>> bit) & 1) * one;
  }
  return product;
}

/** Return the Reed-Solomon remainder of a block. */
function correction(block: readonly number[], degree: number): readonly number[] {
  const divisor: number[] = [...Array<number>(degree - 1).fill(0), 1];
  for (let index = 0, root = 1; index < degree; index += 1, root = times(root, 2)) {
    divisor.forEach((_, at) => (divisor[at] = times(divisor[at]!, root) ^ (divisor[at + 1] ?? 0)));
  }
  const rest = Array<number>(degree).fill(0);
  for (const word of block) {
    const factor = word ^ rest.shift()!;
    rest.push(0);
    divisor.forEach((coefficient, at) => (rest[at] = rest[at]! ^ times(coefficient, factor)));
  }
  return rest;
}

function draw(words: readonly number[], version: number, mask: number): Modules {
  const size = version * 4 + 17;
  const modules: (boolean | null)[][] = Array.from({ length: size }, () => Array<boolean | null>(size).fill(null));
  const set = (row: number, column: number, dark: boolean) => {
    if (row >= 0 && column >= 0 && row < size && column < size) modules[row]![column] = dark;
  };
  drawPatterns(set, size, version);
  drawFormat(set, size, mask);
  if (version >= 7) drawVersion(set, size, version);
  const bits = words.map((word) => bitsOf(word, 8)).join("");
  let next = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    const upwards = ((right + 1) & 2) === 0;
    for (let step = 0; step < size; step += 1) {
      const row = upwards ? size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (modules[row]![column] === null) set(row, column, (bits[next++] === "1") !== MASKS[mask]!(row, column));
      }
    }
  }
  return modules as boolean[][];
}

type Set = (row: number, column: number, dark: boolean) => void;

function drawPatterns(set: Set, size: number, version: number): void {
  for (let index = 0; index < size; index += 1) {
    set(6, index, index % 2 === 0);
    set(index, 6, index % 2 === 0);
  }
  const places = ALIGNMENT[version - 1]!;
  const last = places.at(-1);
  for (const row of places) {
    for (const column of places) {
      const corner = (row === 6 && column === 6) || (row === 6 && column === last) || (row === last && column === 6);
      if (!corner) square(set, row, column, 2, (ring) => ring !== 1);
    }
  }
  for (const [row, column] of [[3, 3], [3, size - 4], [size - 4, 3]] as const) square(set, row, column, 4, (ring) => ring !== 2 && ring !== 4);
}

function square(set: Set, row: number, column: number, radius: number, dark: (ring: number) => boolean): void {
  for (let y = -radius; y <= radius; y += 1) {
    for (let x = -radius; x <= radius; x += 1) set(row + y, column + x, dark(Math.max(Math.abs(x), Math.abs(y))));
  }
}

/** Return `value` with the remainder of its division behind it (a BCH code). */
function coded(value: number, length: number, generator: number): number {
  let rest = value;
  for (let index = 0; index < length; index += 1) rest = (rest << 1) ^ ((rest >>> (length - 1)) * generator);
  return (value << length) | rest;
}

function drawFormat(set: Set, size: number, mask: number): void {
  const bits = coded(mask, 10, 0x537) ^ 0x5412;
  const bit = (index: number) => ((bits >>> index) & 1) === 1;
  for (let index = 0; index <= 5; index += 1) set(index, 8, bit(index));
  set(7, 8, bit(6));
  set(8, 8, bit(7));
  set(8, 7, bit(8));
  for (let index = 9; index < 15; index += 1) set(8, 14 - index, bit(index));
  for (let index = 0; index < 8; index += 1) set(8, size - 1 - index, bit(index));
  for (let index = 8; index < 15; index += 1) set(size - 15 + index, 8, bit(index));
  set(size - 8, 8, true);
}

function drawVersion(set: Set, size: number, version: number): void {
  const bits = coded(version, 12, 0x1f25);
  for (let index = 0; index < 18; index += 1) {
    const dark = ((bits >>> index) & 1) === 1;
    set(Math.floor(index / 3), size - 11 + (index % 3), dark);
    set(size - 11 + (index % 3), Math.floor(index / 3), dark);
  }
}

/** Return how hard a code is to read: long runs, blocks, what looks like a finder, more of one than of the other. */
function penalty(modules: Modules): number {
  const rows = modules.map((row) => row.map(Number).join(""));
  const columns = modules.map((_, column) => modules.map((row) => Number(row[column])).join(""));
  const lines = [...rows, ...columns];
  const runs = lines.flatMap((line) => line.match(/0{5,}|1{5,}/g) ?? []);
  const finders = sum(lines.map((line) => (line.match(FINDER_LIKE) ?? []).length));
  const all = rows.join("");
  const share = (all.match(/1/g) ?? []).length / all.length;
  return sum(runs.map((run) => run.length - 2)) + blocks(modules) * 3 + finders * 40 + Math.floor(Math.abs(share - 0.5) * 20) * 10;
}

function blocks(modules: Modules): number {
  let found = 0;
  for (let row = 1; row < modules.length; row += 1) {
    for (let column = 1; column < modules.length; column += 1) {
      const dark = modules[row]![column];
      found += Number(dark === modules[row - 1]![column] && dark === modules[row]![column - 1] && dark === modules[row - 1]![column - 1]);
    }
  }
  return found;
}
