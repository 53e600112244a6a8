/** One way in which a container differs from its service. */
export interface Difference {
  /** A container can take it over as it is. */
  readonly inPlace: boolean;
  readonly cause: string;
}
