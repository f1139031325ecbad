// The lesson that leaves HTTP: an echo over WebSocket (RFC 6455). The upgrade itself is in ../websocket.ts.
import { answerText } from "../answer.ts";
import type { Lesson } from "../lesson.ts";

export const websocketLessons: readonly Lesson[] = [
  {
    name: "ws",
    topic: "Time",
    doc: "WebSocket echo: every message comes back as it was sent; plain HTTP gets a 426.",
    example: "/ws",
    curl: "-N -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='",
    run: visit =>
      answerText(visit, "This endpoint speaks WebSocket.\n", 426, { upgrade: "websocket", connection: "Upgrade" }),
  },
];
