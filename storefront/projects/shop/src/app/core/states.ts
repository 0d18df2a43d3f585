/** The first three digits of ZIP codes, by state (USPS). A few codes near a border belong to the neighbour. */
const PREFIXES =
  "005NY,006-007PR,009PR,010-027MA,028-029RI,030-038NH,039-049ME,050-054VT,055MA,056-059VT,060-069CT,070-089NJ,100-149NY,150-196PA," +
  "197-199DE,200DC,201VA,202-205DC,206-219MD,220-246VA,247-268WV,270-289NC,290-299SC,300-319GA,320-339FL,341-349FL,350-369AL,370-385TN," +
  "386-397MS,398-399GA,400-427KY,430-459OH,460-479IN,480-499MI,500-528IA,530-549WI,550-567MN,569DC,570-577SD,580-588ND,590-599MT," +
  "600-629IL,630-658MO,660-679KS,680-693NE,700-714LA,716-729AR,730-732OK,733TX,734-749OK,750-799TX,800-816CO,820-831WY,832-838ID," +
  "840-847UT,850-865AZ,870-884NM,885TX,889-898NV,900-961CA,967-968HI,970-979OR,980-994WA,995-999AK";

/** The states by the first three digits of their ZIP codes. */
const STATE_BY_PREFIX: ReadonlyMap<number, string> = new Map(
  PREFIXES.split(",").flatMap((range) => {
    const [first, last] = range.slice(0, -2).split("-").map(Number);
    const count = (last ?? first!) - first! + 1;
    return Array.from({ length: count }, (_, index) => [first! + index, range.slice(-2)] as const);
  }),
);

/** Return the state that a ZIP code is in, as far as its digits tell; null for one that is not whole or that no state has. */
export function stateOf(zipCode: string): string | null {
  return /^\d{5}/.test(zipCode) ? (STATE_BY_PREFIX.get(Number(zipCode.slice(0, 3))) ?? null) : null;
}

/** The states and territories that parcels go to (USPS). */
export const STATES: readonly (readonly [string, string])[] = (
  "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,DC District of Columbia," +
  "FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,KY Kentucky,LA Louisiana,ME Maine," +
  "MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,MO Missouri,MT Montana,NE Nebraska,NV Nevada," +
  "NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,NC North Carolina,ND North Dakota,OH Ohio,OK Oklahoma,OR Oregon," +
  "PA Pennsylvania,PR Puerto Rico,RI Rhode Island,SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,UT Utah,VT Vermont," +
  "VA Virginia,WA Washington,WV West Virginia,WI Wisconsin,WY Wyoming"
)
  .split(",")
  .map((line) => [line.slice(0, 2), line.slice(3)] as const);
