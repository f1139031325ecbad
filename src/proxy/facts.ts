import type { ConnFacts } from "../flow/model.ts";
import type { Conn } from "../net/conn.ts";

/** What the recorder keeps of a connection. */
export function connFacts(conn: Conn): ConnFacts {
  return {
    id: conn.id,
    leg: conn.leg,
    address: conn.address,
    port: conn.port,
    localPort: conn.localPort,
    name: conn.name,
    openedAt: conn.openedAt,
    ...(conn.tls === null ? {} : { tls: conn.tls }),
  };
}
