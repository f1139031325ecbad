// What the filter language's columns and flags are in terms of the flow table. What is not here is left to the predicate.
import type { SqlColumns } from "../../match/sql.ts";
import { FLAG_INTERCEPTED, FLAG_MODIFIED, FLAG_REPLAYED, FLAG_TUNNEL, FLAG_WEBSOCKET, STATES } from "../row.ts";

export const SQL_COLUMNS: SqlColumns = {
  columns: {
    id: "id",
    time: "started",
    method: "method",
    scheme: "scheme",
    host: "host",
    port: "port",
    // `path` in the language is without the query.
    path: "CASE WHEN instr(path, '?') > 0 THEN substr(path, 1, instr(path, '?') - 1) ELSE path END",
    status: "status",
    type: "type",
    size: "CASE WHEN status IS NULL AND response_bytes = 0 THEN NULL ELSE response_bytes END",
    duration: "duration",
    mode: "mode",
    comment: "json_extract(extra, '$.comment')",
    color: "json_extract(extra, '$.color')",
    rules: "json_extract(extra, '$.rules')",
    tags: "json_extract(extra, '$.tags')",
  },
  flags: {
    sse: "type LIKE 'text/event-stream%'",
    grpc: "type LIKE 'application/grpc%'",
    websocket: `flags & ${FLAG_WEBSOCKET}`,
    replayed: `flags & ${FLAG_REPLAYED}`,
    modified: `flags & ${FLAG_MODIFIED}`,
    intercepted: `flags & ${FLAG_INTERCEPTED}`,
    tunnel: `flags & ${FLAG_TUNNEL}`,
    error: `state = ${STATES.indexOf("error")}`,
    active: `state = ${STATES.indexOf("active")}`,
  },
};
