import type { Dying, FullDisk } from "./persistence.ts";

/** What a service process is told by the environment variable CHAOS_ORDERS, as JSON. */
export interface ServiceOrders {
  readonly die: Dying | null;
  readonly full: FullDisk | null;
  /** Seconds by which its clock is wrong. */
  readonly skew: number;
  /** Names of folders, for the names of points. */
  readonly folders: Readonly<Record<string, string>>;
}
