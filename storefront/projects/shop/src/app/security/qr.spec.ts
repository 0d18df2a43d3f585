import { path, qr } from "./qr";

/** "Kibble", as another program (ZXing) reads it. */
const KIBBLE = [
  "#######..#.##.#######",
  "#.....#...#.#.#.....#",
  "#.###.#.#.#.#.#.###.#",
  "#.###.#.#.....#.###.#",
  "#.###.#.##.##.#.###.#",
  "#.....#.#...#.#.....#",
  "#######.#.#.#.#######",
  "........#####........",
  "#.#####.....#.#####..",
  "#.#.....##..#..#....#",
  "...####.#.##.#..####.",
  ".......#.......######",
  "##.#.##.####.#..#...#",
  "........#.######..#..",
  "#######..##.#.##...#.",
  "#.....#.##.####..##.#",
  "#.###.#.###.#......#.",
  "#.###.#.#...#..##.#..",
  "#.###.#.#.##.#.......",
  "#.....#...#....#.##..",
  "#######.####.#..#..#.",
];

describe("a QR code", () => {
  it("is the one that readers know", () => {
    expect(qr("Kibble")?.map((row) => row.map((dark) => (dark ? "#" : ".")).join(""))).toEqual(KIBBLE);
  });

  it("grows with its text, up to 213 bytes", () => {
    expect(qr("x".repeat(14))).toHaveLength(21);
    expect(qr("x".repeat(15))).toHaveLength(25);
    expect(qr("x".repeat(213))).toHaveLength(57);
    expect(qr("x".repeat(214))).toBeNull();
  });

  it("counts bytes, not letters", () => {
    expect(qr("ü".repeat(7))).toHaveLength(21);
    expect(qr("ü".repeat(8))).toHaveLength(25);
  });

  it("is drawn with a quiet zone around it", () => {
    expect(path([[true, false], [false, true]])).toBe("M4 4h1v1h-1zM5 5h1v1h-1z");
  });
});
