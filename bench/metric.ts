/** One measured number, with what it should reach and what is known elsewhere. */
export interface Metric {
  readonly name: string;
  readonly value: number;
  /** Of several runs, when the value is that of the worst. */
  readonly mean?: number;
  readonly unit: string;
  readonly better: "lower" | "higher";
  readonly target: number;
  readonly reference: string;
}
