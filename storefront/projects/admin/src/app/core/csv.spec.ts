import { csv } from "./csv";

describe("a table for a spreadsheet", () => {
  it("quotes what would break it, and disarms formulas", () => {
    expect(csv([["Ann, or \"Annie\"", 12.5], ["=HYPERLINK(1)", -3]])).toBe("\"Ann, or \"\"Annie\"\"\",12.5\r\n'=HYPERLINK(1),-3\r\n");
  });
});
