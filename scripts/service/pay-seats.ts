import { isAddressEqual, type Address } from "viem";
import { z } from "zod";
import { ChongwenError } from "../../protocol/errors.ts";
import type { Kernel } from "../chain/kernel.ts";
import { readJsonFile } from "./json-file.ts";

/** Where people are paid who do not train: seats without data, one an organisation or one a person. */
export interface PaySeats {
  /** A person's own support seat, or else the organisation's; null when there is none. */
  seatOf(account: Address, organisation: number): number | null;
  /** Whose a seat is. */
  organisationOf(seat: number): number | null;
}

/** A seat that can be paid. @param key Its contributor's present key. */
export interface ListedSeat {
  readonly seat: number;
  readonly key: Address;
  readonly organisation: number;
  /** Whether it is a support seat that nobody revoked. */
  readonly support: boolean;
}

/** Status bits of a lane: `contracts/libraries/SeatLane.sol`. */
const REVOKED = 8;

/** Seats of a federation as the chain lists them. @throws what the chain throws */
export async function readSeats({ seats, contributors }: Pick<Kernel, "seats" | "contributors">, federation: number): Promise<ListedSeat[]> {
  const count = await seats.read.seatCount([federation]);
  return Promise.all(
    Array.from({ length: count }, async (_, seat): Promise<ListedSeat> => {
      const [{ contributor, dataset }, { status }] = await Promise.all([seats.read.seatOf([federation, seat]), seats.read.laneOf([federation, seat])]);
      const { key, organisation, suspended } = await contributors.read.contributorOf([contributor]);
      return { seat, key, organisation, support: dataset === 0 && (status & REVOKED) === 0 && !suspended };
    }),
  );
}

const listSchema = z.strictObject({
  organisations: z.record(z.string().regex(/^[1-9]\d{0,9}$/), z.int().min(0).max(2 ** 32 - 1)).default({}),
  accounts: z.record(z.string().regex(/^0x[0-9a-fA-F]{40}$/), z.int().min(0).max(2 ** 32 - 1)).default({}),
});
export type SeatList = z.infer<typeof listSchema>;

/** @param list What the custodian says; it comes before the chain. An organisation with several support seats is paid at the first. */
export function createPaySeats(seats: readonly ListedSeat[], list: SeatList = { organisations: {}, accounts: {} }): PaySeats {
  const accounts = new Map(Object.entries(list.accounts).map(([account, seat]) => [account.toLowerCase(), seat]));
  const support = seats.filter((seat) => seat.support);
  return {
    seatOf: (account, organisation) =>
      accounts.get(account.toLowerCase()) ??
      support.find(({ key }) => isAddressEqual(key, account))?.seat ??
      list.organisations[String(organisation)] ??
      support.find((seat) => organisation !== 0 && seat.organisation === organisation)?.seat ??
      null,
    organisationOf: (seat) => seats.find((listed) => listed.seat === seat)?.organisation ?? null,
  };
}

/** @throws seat-list-invalid */
export async function readSeatList(file: string): Promise<SeatList> {
  const refuse = (message: string, cause?: unknown) =>
    new ChongwenError({ code: "seat-list-invalid", message: `${file}: ${message}`, fix: 'Write it as {"organisations":{"3":7},"accounts":{"0x…":9}}: seats by organisation and account.', cause });
  return readJsonFile(file, listSchema, refuse);
}
