/** The plain reader meets something that it leaves to the full one. */
export class Refused extends Error {}
