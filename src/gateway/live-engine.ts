// A running waylay as the control API may ask it.
import type { Root } from "../ca/root.ts";
import { programVersion } from "../config/version.ts";
import type { Config } from "../config.ts";
import type { Engine, Listening } from "../control/engine.ts";
import type { LogRing } from "../control/log.ts";
import type { Feed } from "../flow/feed.ts";
import type { Recorder } from "../flow/recorder.ts";
import { noteInto } from "../flow/store/edits.ts";
import type { Store } from "../flow/store/store.ts";

export interface LiveParts {
  readonly config: Config;
  readonly root: Root;
  readonly recorder: Recorder;
  readonly store: Store;
  readonly feed: Feed;
  readonly ring: LogRing;
  readonly clock: () => number;
  readonly listening: Listening;
  readonly shutdown: () => void;
  readonly replay: Engine["replay"];
  readonly holds: Engine["holds"];
}

export function liveEngine(parts: LiveParts): Engine {
  const { config, root, recorder, store, feed, ring, clock, listening, shutdown, replay, holds } = parts;
  return {
    version: programVersion(),
    startedAt: clock(),
    config,
    sessionFile: store.file,
    root,
    log: ring,
    now: clock,
    listening: () => listening,
    subscribe: listener => feed.subscribe(listener),
    running: () => recorder.summaries(),
    settle: id => {
      const tap = id === undefined ? undefined : recorder.find(id);
      if (tap !== undefined) recorder.write(tap);
      return store.flush();
    },
    annotate: async (ids, note) => {
      const running: number[] = [];
      const over = ids.filter(id => {
        const tap = recorder.find(id);
        if (tap === undefined) return true;
        noteInto(tap.extraNotes(), note);
        tap.changed();
        running.push(id);
        return false;
      });
      const found = await store.edit({ kind: "annotate", ids: over, note });
      return found === null ? null : [...running, ...found];
    },
    remove: ids => store.edit({ kind: "delete", ids }),
    replay,
    holds,
    shutdown,
  };
}
