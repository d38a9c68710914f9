/** Random cases of a property: all of them in `.ci/run`, a quarter in `npm test`. */
export const casesOf = (all: number): number => (process.env["ALL_CASES"] === undefined ? Math.ceil(all / 4) : all);
