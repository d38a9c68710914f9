import { useEffect, useState } from "react";
import { useHeartbeat } from "../chain/heartbeat.ts";
import { chainNow } from "../format/duration.ts";

/** The chain's idea of now, in seconds, ticking. */
export function useNow(): number {
  const { timestamp } = useHeartbeat();
  const [local, setLocal] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setLocal(Date.now() / 1000), 1000);
    return () => clearInterval(timer);
  }, []);
  return chainNow(local, timestamp);
}
