// The table of lessons: what the origin answers, in the order in which the index page lists it.
import type { Lesson } from "./lesson.ts";
import { authLessons } from "./lessons/auth.ts";
import { codingLessons } from "./lessons/coding.ts";
import { contentLessons } from "./lessons/content.ts";
import { downloadLessons } from "./lessons/download.ts";
import { echoLessons } from "./lessons/echo.ts";
import { framingLessons } from "./lessons/framing.ts";
import { stateLessons } from "./lessons/state.ts";
import { statusLessons } from "./lessons/status.ts";
import { timeLessons } from "./lessons/time.ts";
import { uploadLessons } from "./lessons/upload.ts";
import { websocketLessons } from "./lessons/websocket.ts";

export const LESSONS: readonly Lesson[] = [
  ...echoLessons,
  ...codingLessons,
  ...framingLessons,
  ...statusLessons,
  ...stateLessons,
  ...authLessons,
  ...uploadLessons,
  ...downloadLessons,
  ...timeLessons,
  ...websocketLessons,
  ...contentLessons,
];
